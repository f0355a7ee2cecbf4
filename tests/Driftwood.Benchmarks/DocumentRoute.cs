using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Benchmarks;

/// <summary>A route of the served OpenAPI document, with all that a client needs to call it.</summary>
/// <param name="Name">Its operation id.</param>
/// <param name="Method">Its HTTP method.</param>
/// <param name="Path">Its path, with members such as <c>{id}</c>.</param>
/// <param name="ContentType">What its body is; null if it takes none.</param>
/// <param name="Bodies">The examples of its body.</param>
/// <param name="Query">The examples of its query.</param>
internal sealed record DocumentRoute(
    string Name, HttpMethod Method, string Path, string? ContentType, IReadOnlyList<JsonNode> Bodies, IReadOnlyList<string> Query)
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    /// <summary>All routes of a node.</summary>
    public static async Task<IReadOnlyList<DocumentRoute>> ReadAsync(Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        var document = await client.GetFromJsonAsync<JsonNode>("swagger/v1/swagger.json");
        return
        [
            .. from path in document!["paths"]!.AsObject()
               from operation in path.Value!.AsObject()
               where Methods.Contains(operation.Key)
               select Read(path.Key, operation.Key, operation.Value!),
        ];
    }

    private static DocumentRoute Read(string path, string method, JsonNode operation)
    {
        var content = operation["requestBody"]?["content"]?.AsObject();
        var (type, media) = content is null ? default : (content.First().Key, content.First().Value);
        var query = from parameter in operation["parameters"]?.AsArray() ?? []
                    where (string?)parameter!["in"] == "query" && parameter["example"] is not null
                    select $"{Uri.EscapeDataString((string)parameter["name"]!)}={Uri.EscapeDataString((string)parameter["example"]!)}";
        var bodies = media?["examples"]?.AsObject().Select(example => example.Value!["value"]!);
        return new DocumentRoute(
            (string)operation["operationId"]!, HttpMethod.Parse(method), path, type, [.. bodies ?? []], [.. query]);
    }
}
