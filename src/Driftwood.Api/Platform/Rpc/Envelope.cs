using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>One reason why a request was refused: a <see cref="Fault"/> as it is on the wire.</summary>
/// <param name="Field">Path of the member, such as <c>entity_ids[3]</c>; null for the request as a whole.</param>
/// <param name="Code">One of <see cref="DetailCodes"/>.</param>
/// <param name="Message">Says what was found and what was expected.</param>
/// <param name="Accepted">The values that would be accepted, where that is a list.</param>
internal sealed record ErrorDetail(
    string? Field,
    string Code,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Accepted);

/// <summary>The object that holds every answer under /api: a result or an error.</summary>
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
        {
            var isForBrowsers = http.GetEndpoint()?.Metadata.GetMetadata<BrowserSignIn>() is not null;
            http.Response.Headers.WWWAuthenticate = isForBrowsers ? BrowserSignIn.Challenge : "Bearer";
        }

        var body = JsonSerializer.SerializeToNode(BodyOf(failure, http.TraceIdentifier), WireJson.Options)!;
        foreach (var (name, value) in failure.More)
            body["error"]![name] = JsonSerializer.SerializeToNode(value, value.GetType(), WireJson.Options);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Options);
        http.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    public static FailureBody BodyOf(ApiException failure, string requestId)
    {
        var details = failure.Details.Select(fault =>
            new ErrorDetail(fault.Path.Length > 0 ? fault.Path : null, fault.Code, fault.Message, fault.Accepted));
        return new FailureBody(false, new Failure(failure.Code.Name, failure.Message, [.. details], requestId));
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

        /// <param name="body">All of it.</param>
        /// <param name="pieces">The reader that holds the body; it is completed once the body is written.</param>
        public Result(ReadOnlySequence<byte> body, PipeReader pieces) => (_body, _pieces) = (body, pieces);

        /// <summary>An answer given before.</summary>
        public Result(byte[] replayed) => _body = new ReadOnlySequence<byte>(replayed);

        /// <summary>The whole, to be kept.</summary>
        public byte[] ToArray() => _body.ToArray();

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentType = ContentType;
            httpContext.Response.ContentLength = _body.Length;
            foreach (var piece in _body)
                await httpContext.Response.Body.WriteAsync(piece, httpContext.RequestAborted);
            if (_pieces is not null)
                await _pieces.CompleteAsync();
        }
    }
}
