using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The preview tells which values of a column are no options of its field.</summary>
public sealed class UnknownValueTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task The_preview_counts_unknown_values_over_all_rows_and_names_the_closest_option()
    {
        using var client = await WithLevelAsync();
        string[] levels = [.. Enumerable.Repeat("Gld", 30), "gold", " SILVER ", "sílver", "Platin", "n/a", "", "Platin"];

        var preview = await PreviewAsync(client, levels);

        var found = Assert.Single(preview.GetProperty("unknown_values").EnumerateArray());
        Assert.Equal(("Level", "level", "false"), (found.Text("column"), found.Text("field"), found.Text("incomplete")));
        Assert.Equal(
            ["Gld 30 Gold", "Platin 2 -", "sílver 1 Silver"],
            found.GetProperty("values").EnumerateArray()
                .Select(value => $"{value.Text("value")} {value.Text("count")} {value.Text("closest") ?? "-"}"));
    }

    [Fact]
    public async Task A_value_map_of_the_closest_options_lets_all_rows_through()
    {
        using var client = await WithLevelAsync();
        var upload = await client.UploadAsync("Email,Level\na@example.com,Gld\nb@example.com,silvr\nc@example.com,Gold\n"u8.ToArray());
        var map = upload.Result.GetProperty("preview").GetProperty("unknown_values")[0].GetProperty("values").EnumerateArray()
            .ToDictionary(value => value.Text("value")!, value => value.Text("closest"));
        var id = upload.Result.GetProperty("job").Id();

        _ = (await client.PostAsync("imports-confirm", new
        {
            id,
            column_mapping = new Dictionary<string, object> { ["Email"] = "email", ["Level"] = new { field = "level", value_map = map } },
        })).Result;

        Assert.Equal("completed 3: 3/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            ["Gold", "Gold", "Silver"],
            (await client.RecordsAsync()).Select(contact => contact.GetProperty("custom").Text("level")).Order());
    }

    [Fact]
    public async Task At_most_a_hundred_values_of_a_column_are_listed()
    {
        using var client = await WithLevelAsync();

        var many = await PreviewAsync(client, [.. Enumerable.Range(0, 700).Select(n => $"Level {n}")]);

        var found = Assert.Single(many.GetProperty("unknown_values").EnumerateArray());
        Assert.Equal((100, "true"), (found.GetProperty("values").GetArrayLength(), found.Text("incomplete")));
    }

    [Fact]
    public async Task A_file_of_options_has_no_unknown_values()
    {
        using var client = await WithLevelAsync();

        Assert.Empty((await PreviewAsync(client, ["Gold", "silver"])).GetProperty("unknown_values").EnumerateArray());
    }

    private static async Task<JsonElement> PreviewAsync(HttpClient client, string[] levels)
    {
        var rows = levels.Select((level, n) => FormattableString.Invariant($"p{n}@example.com,{level}\n"));
        var answer = await client.UploadAsync(Encoding.UTF8.GetBytes("Email,Level\n" + string.Concat(rows)));
        return answer.Result.GetProperty("preview");
    }

    private async Task<HttpClient> WithLevelAsync()
    {
        var client = await app.CreateClientAsync();
        var field = new { record_type = "contacts", key = "level", label = "Level", kind = "choice", options = new[] { "Gold", "Silver" } };
        _ = (await client.PostAsync("fields-create", field)).Result;
        return client;
    }
}
