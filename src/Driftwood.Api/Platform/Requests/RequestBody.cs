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

    private const int PartBytes = 64 * 1024;

    /// <exception cref="ApiException">413 beyond the limit, 415 for anything that is not plain UTF-8 JSON.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContext http)
    {
        var request = http.Request;
        if (request.ContentLength > MaxBytes)
            throw TooLarge();
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } server)
            server.MaxRequestBodySize = MaxBytes;

        var body = await ReadAllAsync(http);
        if (body.Length > 0)
            RequireJson(request);
        return body;
    }

    private static async Task<byte[]> ReadAllAsync(HttpContext http)
    {
        // Memory is taken for what has come, not for what was announced. A buffer that doubles would leave twice the body as garbage.
        List<byte[]> parts = [];
        var (total, free) = (0, Memory<byte>.Empty);
        try
        {
            while (true)
            {
                if (free.IsEmpty)
                {
                    parts.Add(ArrayPool<byte>.Shared.Rent(PartBytes));
                    free = parts[^1];
                }

                var read = await http.Request.Body.ReadAsync(free, http.RequestAborted);
                if (read == 0) return Join(parts, total);
                free = free[read..];
                total += read;
                if (total > MaxBytes) throw TooLarge();
            }
        }
        catch (IOException broken) when (broken is not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested)
        {
            // Such as a chunk whose size is no number.
            throw new ApiException(ErrorCodes.BadRequest, "The body could not be read.");
        }
        finally
        {
            foreach (var part in parts) ArrayPool<byte>.Shared.Return(part);
        }
    }

    private static byte[] Join(List<byte[]> parts, int total)
    {
        var body = new byte[total];
        var left = body.AsSpan();
        foreach (var part in parts)
        {
            var used = part.AsSpan(0, Math.Min(part.Length, left.Length));
            used.CopyTo(left);
            left = left[used.Length..];
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
