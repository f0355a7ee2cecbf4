using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Requests;

/// <summary>
/// Makes a request of the members that fit, with empty values for required ones that do not, so that the rules for the
/// good members can be run as well and the caller is told everything at once.
/// </summary>
internal static class RequestMender
{
    public static object Mend(JsonElement body, Shape shape, IReadOnlyList<Fault> problems)
    {
        var bad = problems.Select(problem => ShapeReader.TopLevel(problem.Path)).ToHashSet(StringComparer.Ordinal);
        var mended = new JsonObject();
        foreach (var (name, member) in shape.Members)
        {
            if (!bad.Contains(name) && body.TryGetProperty(name, out var value))
                mended[name] = JsonNode.Parse(value.GetRawText());
            else if (member.Required)
                mended[name] = Empty(member.Shape);
        }

        return RequestReader.Deserialize(JsonSerializer.SerializeToElement(mended), shape.Type, problems);
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
