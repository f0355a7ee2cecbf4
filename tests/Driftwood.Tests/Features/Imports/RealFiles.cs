using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Files as other programs write them, and the steps that their tests share.</summary>
internal static class RealFiles
{
    /// <summary>The bytes of a file in the folder Cases.</summary>
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Repository.Root, "tests/Driftwood.Tests/Cases", name));

    /// <summary>Steps 1 to 3 with a file of the folder Cases.</summary>
    public static async Task<(Guid Id, JsonElement Preview)> UploadCaseAsync(this HttpClient client, string name, object? overrides = null)
    {
        var completed = (await client.UploadAsync(Read(name), overrides: overrides)).Result;
        return (completed.GetProperty("job").Id(), completed.GetProperty("preview"));
    }

    /// <summary>Steps 4 and 5 with a mapping of columns, each written as <c>column → field</c>.</summary>
    public static async Task<JsonElement> ImportAsync(this HttpClient client, Guid id, string[] mapping, object? settings = null)
    {
        JsonObject body = new()
        {
            ["id"] = id,
            ["column_mapping"] = new JsonObject(mapping.Select(pair => pair.Split(" → "))
                .Select(pair => KeyValuePair.Create(pair[0], (JsonNode?)pair[1]))),
        };
        foreach (var (name, value) in settings is null ? [] : JsonSerializer.SerializeToNode(settings)!.AsObject().ToArray())
        {
            body[name] = value?.DeepClone();
        }

        _ = (await client.PostAsync("imports-confirm", body)).Result;
        return await client.FinishAsync(id);
    }

    /// <summary>Values of all contacts, in the order of the first of the fields; <c>-</c> for null.</summary>
    public static async Task<string[]> ValuesAsync(this HttpClient client, params string[] fields) =>
    [
        .. (await client.RecordsAsync()).Select(contact => string.Join('|', fields.Select(field => contact.Text(field) ?? "-")))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary><c>code line count</c> of each warning.</summary>
    public static string[] Warnings(this JsonElement preview) =>
    [
        .. preview.GetProperty("warnings").EnumerateArray()
            .Select(warning => $"{warning.Text("code")} {warning.Text("line")} {warning.Text("count")}"),
    ];

    public static string[] Headers(this JsonElement preview) =>
        [.. preview.GetProperty("headers").EnumerateArray().Select(header => header.GetString()!)];

    public static string? Detected(this JsonElement preview, string member) => preview.GetProperty("detected").Text(member);
}
