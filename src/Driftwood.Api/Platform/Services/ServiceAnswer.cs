using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Api.Platform.Services;

/// <summary>An answer to the client of another service: a status and JSON without an envelope.</summary>
internal sealed class ServiceAnswer : IResult
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body.</param>
    public ServiceAnswer(int status, JsonNode body)
        : this(status, JsonSerializer.SerializeToUtf8Bytes(body, Json))
    {
    }

    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body as it was sent before.</param>
    public ServiceAnswer(int status, byte[] body) => (Status, Body) = (status, body);

    public int Status { get; }

    public byte[] Body { get; }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = Body.Length;
        return HttpMethods.IsHead(httpContext.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(Body, httpContext.RequestAborted).AsTask();
    }
}
