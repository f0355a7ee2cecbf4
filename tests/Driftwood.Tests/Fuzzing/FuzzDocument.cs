using System.Text.Json.Nodes;

namespace Driftwood.Tests.Fuzzing;

/// <summary>An operation of the node's own OpenAPI document.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with parameters in braces.</param>
/// <param name="Body">The schema of the body; null where there is none.</param>
/// <param name="Example">The example of the body; null where there is none.</param>
/// <param name="PathParameters">Names of the parameters in the path.</param>
/// <param name="QueryParameters">Names of the members of the query.</param>
/// <param name="ContentTypes">The content types of success.</param>
internal sealed record FuzzOperation(
    string Method, string Path, JsonNode? Body, JsonNode? Example, string[] PathParameters, string[] QueryParameters, string[] ContentTypes)
{
    /// <summary>Whether success is a file.</summary>
    public bool MakesFile => !ContentTypes.Contains("application/json");

    /// <summary>Whether its answers are envelopes, and not those of another service.</summary>
    public bool IsNative => (Path.StartsWith("/api/", StringComparison.Ordinal) && !Path.StartsWith("/api/v2/", StringComparison.Ordinal))
        || Path.StartsWith("/uploads/", StringComparison.Ordinal);

    /// <summary>The noun of a native route, such as <c>bulk-jobs</c>.</summary>
    public string Noun => !IsNative ? ""
        : Path.Split('/') is [_, "api", var noun, _, ..] ? noun
        : Path.LastIndexOf('-') is var end and > 0 ? Path["/api/".Length..end] : "";
}

/// <summary>Reads the operations of a document, and makes bodies of its schemas.</summary>
internal sealed class FuzzDocument
{
    private const int MaxDepth = 6;

    private readonly JsonNode _schemas;

    public FuzzDocument(JsonNode document)
    {
        _schemas = document["components"]!["schemas"]!;
        Operations =
        [
            .. document["paths"]!.AsObject().SelectMany(path =>
                path.Value!.AsObject().Select(operation => Read(path.Key, operation.Key, operation.Value!))),
        ];
    }

    public IReadOnlyList<FuzzOperation> Operations { get; }

    /// <summary>A body that fits the schema, as far as the schema tells; now and then with odd values.</summary>
    public JsonNode? Make(FuzzValues values, JsonNode schema, string name, string noun, int depth = 0)
    {
        var random = values.Random;
        if (schema["$ref"] is { } reference) return Make(values, _schemas[$"{reference}".Split('/')[^1]]!, name, noun, depth);
        if (schema["nullable"]?.GetValue<bool>() == true && random.Next(6) == 0) return null;
        if (schema["oneOf"] is JsonArray { Count: > 0 } any) return Make(values, any[0]!, name, noun, depth);
        if (schema["enum"] is JsonArray { Count: > 0 } words && random.Next(20) > 0) return words[random.Next(words.Count)]?.DeepClone();
        return $"{schema["type"]}" switch
        {
            "object" => MakeObject(values, schema, noun, depth),
            "array" when depth < MaxDepth => new JsonArray(
                [.. Enumerable.Range(0, random.Next(4)).Select(_ => Make(values, schema["items"]!, name, noun, depth + 1))]),
            "boolean" => random.Next(2) == 0,
            "integer" or "number" => values.Number(),
            "string" => values.Text(name, $"{schema["format"]}", noun),
            _ => values.Anything(depth),
        };
    }

    private JsonObject MakeObject(FuzzValues values, JsonNode schema, string noun, int depth)
    {
        var random = values.Random;
        var made = new JsonObject();
        var required = schema["required"]?.AsArray().Select(name => $"{name}").ToHashSet() ?? [];
        foreach (var (name, member) in schema["properties"]?.AsObject().ToArray() ?? [])
        {
            if (depth < MaxDepth && (required.Contains(name) ? random.Next(30) > 0 : random.Next(3) == 0))
                made[name] = Make(values, member!, name, noun, depth + 1);
        }

        if (schema["additionalProperties"] is not JsonObject others || depth >= MaxDepth) return made;
        for (var i = random.Next(4); i > 0; i--)
        {
            made[values.Name()] = Make(values, others, values.Name(), noun, depth + 1);
        }

        return made;
    }

    private static FuzzOperation Read(string path, string method, JsonNode operation)
    {
        var media = operation["requestBody"]?["content"]?.AsObject().First().Value;
        var success = operation["responses"]!.AsObject().First(response => response.Key.StartsWith('2')).Value!;
        string[] Parameters(string place) =>
            [.. operation["parameters"]?.AsArray().Where(each => $"{each!["in"]}" == place).Select(each => $"{each!["name"]}") ?? []];
        return new FuzzOperation(
            method.ToUpperInvariant(), path, media?["schema"], media?["examples"]?.AsObject().FirstOrDefault().Value?["value"],
            Parameters("path"), Parameters("query"), [.. success["content"]!.AsObject().Select(content => content.Key)]);
    }
}
