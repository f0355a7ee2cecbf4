using System.Net;
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
    public async Task Unknown_values_become_options_when_the_import_is_confirmed_and_a_dry_run_counts_as_if()
    {
        using var client = await WithLevelAsync();
        var id = await client.UploadedAsync(
            "Email,Level\na@example.com,platin\nb@example.com,GOLD\nc@example.com,Zinc \nd@example.com,PLATIN\n");

        _ = (await ConfirmAsync(client, id, "add_option", dryRun: true)).Result;
        Assert.Equal("completed 4: 4/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["Gold", "Silver"], await OptionsAsync(client));
        var job = (await ConfirmAsync(client, id, "add_option")).Result.Id();

        Assert.Equal("completed 4: 4/0/0/0", (await client.FinishAsync(job)).Outcome());
        Assert.Equal(["Gold", "Silver", "platin", "Zinc"], await OptionsAsync(client));
        Assert.Equal(
            ["platin", "Gold", "Zinc", "platin"],
            (await client.RecordsAsync()).OrderBy(contact => contact.Text("email"))
                .Select(contact => contact.GetProperty("custom").Text("level")));
        Assert.Equal(job, (await ConfirmAsync(client, id, "add_option")).Result.Id());
        Assert.Equal(4, (await OptionsAsync(client)).Length);
    }

    [Fact]
    public async Task A_value_that_can_be_no_option_fails_its_row_and_too_many_options_are_refused()
    {
        using var client = await WithLevelAsync();
        var long256 = new string('x', 256);
        var id = await client.UploadedAsync($"Email,Level\na@example.com,{long256}\nb@example.com,Tin\n");
        _ = (await ConfirmAsync(client, id, "add_option")).Result;
        Assert.Equal("completed 2: 1/0/0/1", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["Gold", "Silver", "Tin"], await OptionsAsync(client));
        var rows = Enumerable.Range(0, 498).Select(n => FormattableString.Invariant($"p{n}@example.com,Level {n}\n"));
        var many = await client.UploadedAsync("Email,Level\n" + string.Concat(rows));

        var refused = await ConfirmAsync(client, many, "add_option");

        Assert.Equal(
            ["column_mapping: out_of_range"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal(3, (await OptionsAsync(client)).Length);
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id = many })).Result.Text("status"));
    }

    [Fact]
    public async Task Options_of_companies_are_added_by_a_file_of_contacts()
    {
        using var client = await app.CreateClientAsync();
        var field = new { record_type = "companies", key = "tier", label = "Tier", kind = "choice", options = new[] { "A" } };
        _ = (await client.PostAsync("fields-create", field)).Result;
        var id = await client.UploadedAsync("Email,Firm,Tier\na@gmail.com,Acme,B\n");

        _ = (await client.PostAsync("imports-confirm", new
        {
            id,
            column_mapping = new Dictionary<string, object>
            {
                ["Email"] = "email",
                ["Firm"] = "company.name",
                ["Tier"] = new { field = "company.tier", unknown = "add_option" },
            },
        })).Result;

        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal("B", Assert.Single(await client.RecordsAsync("companies")).GetProperty("custom").Text("tier"));
        Assert.Equal(["A", "B"], await OptionsAsync(client));
    }

    [Fact]
    public async Task A_token_that_may_only_import_may_not_add_options()
    {
        using var client = await WithLevelAsync();
        var id = await client.UploadedAsync("Email,Level\na@example.com,Tin\n");
        var token = (await client.PostAsync("tokens-create", new { name = "scripts", scopes = new[] { "bulk" } })).Result.Text("token");
        using var bulk = app.CreateStranger().As(token);

        (await ConfirmAsync(bulk, id, "add_option")).Expect(HttpStatusCode.Forbidden, "forbidden");

        _ = (await ConfirmAsync(bulk, id, "blank")).Result;
        Assert.Equal(["Gold", "Silver"], await OptionsAsync(client));
    }

    private static Task<Answer> ConfirmAsync(HttpClient client, Guid id, string unknown, bool dryRun = false) =>
        client.PostAsync("imports-confirm", new
        {
            id,
            dry_run = dryRun,
            column_mapping = new Dictionary<string, object> { ["Email"] = "email", ["Level"] = new { field = "level", unknown } },
        });

    private static async Task<string[]> OptionsAsync(HttpClient client) =>
    [
        .. Assert.Single(await client.AllAsync("fields-list", new { })).GetProperty("options").EnumerateArray()
            .Select(option => option.GetString()!),
    ];

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
