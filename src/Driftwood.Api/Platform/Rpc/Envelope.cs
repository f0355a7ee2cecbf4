using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>What every answer under /api is wrapped in.</summary>
internal static class Envelope
{
    private const string ContentType = "application/json; charset=utf-8";

    /// <summary>A success, serialised as it is now. In small pieces, as an answer may repeat a hundred thousand ids.</summary>
    public static async Task<Result> SuccessAsync(object? result)
    {
        var pieces = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        await using (var writer = new Utf8JsonWriter(pieces.Writer, WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("ok", true);
            writer.WritePropertyName("result");
            JsonSerializer.Serialize(writer, result, result?.GetType() ?? typeof(object), WireJson.Options);
            writer.WriteEndObject();
        }

        await pieces.Writer.CompleteAsync();
        return new Result((await pieces.Reader.ReadAsync()).Buffer, pieces.Reader);
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
    internal sealed class Result : IResult
    {
        private readonly ReadOnlySequence<byte> _body;
        private readonly PipeReader? _pieces;
        private readonly bool _isReplayed;

        /// <param name="body">All of it.</param>
        /// <param name="pieces">What holds it, to be given back once it is written.</param>
        public Result(ReadOnlySequence<byte> body, PipeReader pieces) => (_body, _pieces) = (body, pieces);

        /// <summary>An answer given before.</summary>
        public Result(byte[] replayed) => (_body, _isReplayed) = (new ReadOnlySequence<byte>(replayed), true);

        /// <summary>The whole, to be kept.</summary>
        public byte[] ToArray() => _body.ToArray();

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            if (_isReplayed)
                httpContext.Response.Headers["Idempotent-Replayed"] = "true";
            httpContext.Response.ContentType = ContentType;
            httpContext.Response.ContentLength = _body.Length;
            foreach (var piece in _body)
                await httpContext.Response.Body.WriteAsync(piece, httpContext.RequestAborted);
            if (_pieces is not null)
                await _pieces.CompleteAsync();
        }
    }
}
