using System.Buffers;
using System.Net.Http.Headers;
using Driftwood.Api.Platform.Errors;
using Microsoft.AspNetCore.Http.Features;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Takes a body off the wire, whole and bounded.</summary>
internal static class RequestBody
{
    /// <summary>A job of 100,000 ids is 4 MB; twice that leaves room for white space and items.</summary>
    private const long MaxBytes = 8 * 1024 * 1024;

    private const int MinBuffer = 4 * 1024;
    private const int MaxFirstBuffer = 64 * 1024;

    /// <exception cref="ApiException">413 beyond the limit, 415 for anything that is not plain UTF-8 JSON.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.ContentLength > MaxBytes)
            throw TooLarge();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = MaxBytes;

        var body = await ReadAllAsync(http);
        if (body.WrittenCount > 0)
            RequireJson(request);
        return body.WrittenMemory;
    }

    private static async Task<ArrayBufferWriter<byte>> ReadAllAsync(HttpContext http)
    {
        // Memory is taken for what has come, not for what was announced.
        var body = new ArrayBufferWriter<byte>((int)Math.Clamp(http.Request.ContentLength + 1 ?? 0, MinBuffer, MaxFirstBuffer));
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(body.GetMemory(1), http.RequestAborted)) > 0)
            {
                body.Advance(read);
                if (body.WrittenCount > MaxBytes)
                    throw TooLarge();
            }
        }
        catch (IOException broken) when (broken is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            // Such as a chunk whose size is no number.
            throw new ApiException(ErrorCodes.BadRequest, "The body could not be read.");
        }

        return body;
    }

    internal static ApiException TooLarge() =>
        new(ErrorCodes.RequestTooLarge, $"The body is larger than the {MaxBytes} bytes this route takes.");

    private static void RequireJson(HttpRequest request)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"Found Content-Encoding {Found.Describe(encoding)}, expected none.");
        var found = request.ContentType;
        var isJson = MediaTypeHeaderValue.TryParse(found, out var type)
            && "application/json".Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)
            && type.CharSet?.Trim('"').ToUpperInvariant() is null or "UTF-8" or "UTF8";
        if (!isJson)
            throw Unsupported($"Found Content-Type {Found.Describe(found ?? "")}, expected application/json in UTF-8.");
    }

    private static ApiException Unsupported(string message) => new(ErrorCodes.UnsupportedMediaType, message);
}
