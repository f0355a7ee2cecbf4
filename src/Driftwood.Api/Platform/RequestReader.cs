using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Driftwood.Api.Platform;

/// <summary>Turns a body into the request of a route.</summary>
internal static class RequestReader
{
    private static readonly JsonDocumentOptions Options = new()
    {
        // The shape says "nested too deep" with a path; this only bounds what is parsed at all.
        MaxDepth = 1000,
    };

    /// <exception cref="ApiException">400 when the body is not JSON, 422 when it is no object.</exception>
    public static RpcCall Read(ReadOnlyMemory<byte> body, RpcRoute route)
    {
        var type = route.Request.Type;
        if (body.IsEmpty && type != typeof(NoRequest))
            throw NotJson("The body is empty: expected a JSON object.");
        using var document = Parse(body);
        var problems = ShapeReader.Check(document.RootElement, route.Request);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            throw ApiException.Validation(problems);
        return problems.Count == 0
            ? new RpcCall(body, Deserialize(document.RootElement, type), [])
            : new RpcCall(body, RequestMender.Mend(document.RootElement, route.Request, problems), problems);
    }

    internal static object Deserialize(JsonElement body, Type type)
    {
        try
        {
            return body.Deserialize(type, WireJson.Options)!;
        }
        catch (JsonException exception)
        {
            // Only a converter of the feature's own can still refuse what fits the shape.
            var field = exception.Path?.TrimStart('$', '.');
            throw ApiException.Validation(field, "wrong_type", "Found a value that this member does not accept.");
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
            return JsonDocument.Parse(body, Options);
        }
        catch (JsonException exception)
        {
            throw NotJson($"The body is not JSON: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}.");
        }
    }

    private static ApiException NotJson(string message) => new(400, "invalid_json", message);
}

/// <summary>
/// Makes a request of the members that fit, with empty values for required ones that do not, so that the rules for the
/// good members can be run as well and the caller is told everything at once.
/// </summary>
internal static class RequestMender
{
    public static object Mend(JsonElement body, Shape shape, IReadOnlyList<ErrorDetail> problems)
    {
        var bad = problems.Select(problem => ShapeReader.TopLevel(problem.Field ?? "")).ToHashSet(StringComparer.Ordinal);
        var mended = new JsonObject();
        foreach (var (name, member) in shape.Members)
        {
            if (!bad.Contains(name) && body.TryGetProperty(name, out var value))
                mended[name] = JsonNode.Parse(value.GetRawText());
            else if (member.Required)
                mended[name] = Empty(member.Shape);
        }

        return mended.Deserialize(shape.Type, WireJson.Options)!;
    }

    private static JsonNode? Empty(Shape shape) => shape.Kind switch
    {
        _ when shape.AcceptsNull => null,
        ShapeKind.Text => "",
        ShapeKind.Boolean => false,
        ShapeKind.Integer or ShapeKind.Number => 0,
        ShapeKind.Uuid => Guid.Empty,
        ShapeKind.Time => DateTimeOffset.UnixEpoch,
        ShapeKind.Date => "1970-01-01",
        ShapeKind.Choice => shape.Choices[0],
        ShapeKind.List => new JsonArray(),
        ShapeKind.Map => new JsonObject(),
        _ => new JsonObject(shape.Members.Where(member => member.Value.Required)
            .Select(member => KeyValuePair.Create(member.Key, Empty(member.Value.Shape)))),
    };
}
