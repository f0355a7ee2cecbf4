using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Driftwood.Api.Platform;

/// <summary>What every answer under /api is wrapped in.</summary>
internal static class Envelope
{
    private const string ContentType = "application/json; charset=utf-8";

    public static byte[] Success(object? result)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok", true);
            writer.WritePropertyName("result");
            JsonSerializer.Serialize(writer, result, result?.GetType() ?? typeof(object), WireJson.Options);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the failure envelope; the response must not have started.</summary>
    public static async Task WriteFailureAsync(HttpContext http, ApiException failure)
    {
        http.Response.StatusCode = failure.Status;
        http.Response.ContentType = ContentType;
        if (failure.RetryAfter is { } wait)
        {
            var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (failure.Status == StatusCodes.Status401Unauthorized)
            http.Response.Headers.WWWAuthenticate = http.GetEndpoint()?.Metadata.GetMetadata<BrowserSignIn>() is null ? "Bearer" : BrowserSignIn.Challenge;
        var body = new FailureBody(
            false, new Failure(failure.Code, failure.Message, failure.Details, http.TraceIdentifier));
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Options);
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = WireJson.Options.Encoder };

    /// <summary>The shape of every failure, as documented in the OpenAPI document.</summary>
    internal sealed record FailureBody(bool Ok, Failure Error);

    internal sealed record Failure(string Code, string Message, IReadOnlyList<ErrorDetail> Details, string RequestId);

    /// <summary>The shape of every success.</summary>
    internal sealed record SuccessBody<T>(bool Ok, T Result);

    /// <summary>A finished success envelope.</summary>
    internal sealed class Result(byte[] body, bool replayed = false) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (replayed)
                httpContext.Response.Headers["Idempotent-Replayed"] = "true";
            httpContext.Response.ContentType = ContentType;
            httpContext.Response.ContentLength = body.Length;
            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
