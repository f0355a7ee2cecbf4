using System.Text.Json;
using System.Text.Unicode;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Requests;

/// <summary>Turns a body into a request.</summary>
internal static class RequestReader
{
    /// <summary>Maximum names, values, and beginnings and ends of objects and arrays in a body.</summary>
    private const int MaxTokens = 2_500_000;

    private static readonly JsonDocumentOptions Options = new()
    {
        // The shape says "nested too deep" with a path; this only bounds what is parsed at all.
        MaxDepth = 1000,
    };

    /// <exception cref="ApiException">400 when the body is not JSON, 422 when it is no object.</exception>
    public static RpcCall Read(ReadOnlyMemory<byte> body, Shape shape)
    {
        if (body.IsEmpty && shape.Type != typeof(NoRequest))
            throw NotJson("The body is empty: expected a JSON object.");
        using var document = Parse(body);
        var problems = ShapeReader.Check(document.RootElement, shape);
        // Members that were not checked, or whose names cannot be read, must not be deserialized.
        var isWhole = problems.Count < ShapeReader.MaxDetails && problems.All(problem => problem.Path.Length > 0);
        if (document.RootElement.ValueKind != JsonValueKind.Object || !isWhole)
            throw ApiException.Validation(problems);
        return problems.Count == 0
            ? new RpcCall(body, Deserialize(document.RootElement, shape.Type, []), [])
            : new RpcCall(body, RequestMender.Mend(document.RootElement, shape, problems), problems);
    }

    /// <param name="problems">Found before; told together with what turns up here.</param>
    internal static object Deserialize(JsonElement body, Type type, IReadOnlyList<Fault> problems)
    {
        try
        {
            return body.Deserialize(type, WireJson.Options)!;
        }
        catch (JsonException exception)
        {
            // Only a converter of the feature's own can still refuse what fits the shape.
            var path = exception.Path?.TrimStart('$', '.') ?? "";
            var refused = new Fault(path, "wrong_type", "Found a value that this member does not accept.");
            throw ApiException.Validation([.. problems, refused]);
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return JsonDocument.Parse("{}");
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (body.Span.StartsWith(byteOrderMark))
            body = body[byteOrderMark.Length..];
        if (!Utf8.IsValid(body.Span))
            throw NotJson("The body is not valid UTF-8.");
        try
        {
            RequireFewTokens(body.Span);
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException exception)
        {
            throw NotJson($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
    }

    // A parsed document takes at least twelve bytes a token, so a body of tiny values would take many times its own size. A list of 10,000
    // items has a million tokens if each item has fifty members.
    private static void RequireFewTokens(ReadOnlySpan<byte> body)
    {
        if (body.Length <= MaxTokens) return;
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        for (var tokens = 0; reader.Read(); tokens++)
        {
            if (tokens == MaxTokens)
                throw new ApiException(ErrorCodes.RequestTooLarge, $"The body has more than {MaxTokens} JSON tokens. Split the request.");
        }
    }

    private static ApiException NotJson(string message) => new(ErrorCodes.InvalidJson, message);
}
