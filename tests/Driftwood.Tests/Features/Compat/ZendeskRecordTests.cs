using System.Globalization;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests how records are read as custom object records.</summary>
public sealed class ZendeskRecordTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    private const string Path = ZendeskSteps.Records;

    [Theory]
    [InlineData("")]
    [InlineData(".json")]
    public async Task One_record(string suffix)
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        await client.MakeCarsAsync();
        var made = await client.FinishAsync(
            "create", [new { name = "Tesla", external_id = "car-1", custom_object_fields = new { price = 40_000 } }]);
        var id = made.IdAt(0);
        var address = client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        var native = (await client.PostAsync("records-get", new { record_type = "car", id })).Result;
        var at = native.GetProperty("created_at").GetDateTimeOffset().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Assert.Equal(
            $$$"""
            {"custom_object_record":{"id":"{{{id}}}","url":"{{{address}}}{{{Path}}}/{{{id}}}.json","custom_object_key":"car",
            "name":"Tesla","external_id":"car-1","custom_object_fields":{"color":null,"price":40000},
            "created_at":"{{{at}}}","updated_at":"{{{at}}}",
            "created_by_user_id":"{{{account.UserId}}}","updated_by_user_id":"{{{account.UserId}}}"}}
            """.ReplaceLineEndings(""),
            (await client.SendAsync("GET", $"{Path}/{id}{suffix}")).Text);
    }

    [Fact]
    public async Task A_contact_has_its_own_fields_and_no_name()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.ContactAsync(new { first_name = "Ann", external_id = "p-1", tags = new[] { "vip" } });
        var record = (await client.ReadAsync($"/api/v2/custom_objects/contacts/records/{id}")).GetProperty("custom_object_record");
        Assert.Equal(["contacts", null, "p-1"], [record.Text("custom_object_key"), record.Text("name"), record.Text("external_id")]);
        var fields = record.GetProperty("custom_object_fields");
        Assert.Equal(["Ann", null], [fields.Text("first_name"), fields.Text("city")]);
        Assert.DoesNotContain(fields.EnumerateObject(), field => field.Name is "tags" or "external_id" or "name" or "id");
    }

    [Theory]
    [InlineData("", "A B C D E")]
    [InlineData("&sort=id", "A B C D E")]
    [InlineData("&sort=-id", "E D C B A")]
    [InlineData("&sort=updated_at", "A C D E B")]
    [InlineData("&sort=-updated_at", "B E D C A")]
    public async Task The_list_is_sorted_and_its_links_lead_through_it(string sort, string expected)
    {
        using var client = await app.CreateCarsAsync();
        foreach (var name in "ABCDE") _ = await client.FinishAsync("create", [new { name = $"{name}", external_id = $"{name}" }]);
        _ = await client.FinishAsync("update", [new { external_id = "B", custom_object_fields = new { color = "red" } }]);
        List<string?> names = [];
        List<int> counts = [];
        for (var next = $"{Path}?page[size]=2{sort}"; next is not null;)
        {
            var page = await client.ReadAsync(next);
            names.AddRange(page.GetProperty("custom_object_records").EnumerateArray().Select(record => record.Text("name")));
            counts.Add(page.GetProperty("count").GetInt32());
            next = page.GetProperty("links").Text("next");
            Assert.Equal(next is null ? "false" : "true", page.GetProperty("meta").Text("has_more"));
            var address = client.BaseAddress!.GetLeftPart(UriPartial.Authority);
            var cursor = page.GetProperty("meta").Text("after_cursor");
            Assert.Equal(cursor is null ? null : $"{address}{Path}.json?page[after]={cursor}&page[size]=2{sort}", next);
        }

        Assert.Equal(expected, string.Join(' ', names));
        Assert.Equal([2, 2, 1], counts);
    }

    [Fact]
    public async Task The_list_is_filtered_by_ids_and_external_ids()
    {
        using var client = await app.CreateCarsAsync();
        List<string> ids = [];
        foreach (var name in "ABC")
            ids.Add((await client.FinishAsync("create", [new { name = $"{name}", external_id = $"x {name}" }])).IdAt(0));
        var missing = Guid.CreateVersion7();
        Assert.Equal("A C", await NamesAsync(client, $"filter[ids]={ids[0]},{missing},{ids[2]},7"));
        Assert.Equal("B C", await NamesAsync(client, "filter%5Bexternal_ids%5D=x+C%2Cx%20B%2Cx"));
        Assert.Equal("B", await NamesAsync(client, $"filter[external_ids]=x A,x B&filter[ids]={ids[1]}"));
        Assert.Equal("", await NamesAsync(client, "filter[ids]="));
        Assert.Equal("", await NamesAsync(client, "filter[external_ids]=%00"));
        Assert.Equal("A B C", await NamesAsync(client, "include=users"));
        var next = (await client.ReadAsync($"{Path}?page[size]=1&filter[external_ids]=x A,x B")).GetProperty("links").Text("next");
        Assert.EndsWith("&page[size]=1&filter[external_ids]=x%20A%2Cx%20B", next, StringComparison.Ordinal);
        Assert.Equal("B", await NamesAsync(client, next![(next!.IndexOf('?', StringComparison.Ordinal) + 1)..]));
        var cursor = next!.Split("page[after]=")[1].Split('&')[0];
        Assert.Equal(
            ["page[after]: Not a cursor of this list: expected the after_cursor of an earlier answer, unchanged."],
            (await client.SendAsync("GET", $"{Path}?page[after]={cursor}")).Faults());
    }

    [Theory]
    [InlineData("sort=name", "sort: Found \"name\", expected id, -id, updated_at, -updated_at.")]
    [InlineData("filter[name]=a", "filter[name]: Expected one of page[size], page[after], filter[ids], filter[external_ids], sort.")]
    [InlineData("page[size]=x", "page[size]: Found \"x\", expected 1 to 100.")]
    public async Task A_list_that_cannot_be_had_is_refused(string query, string fault)
    {
        using var client = await app.CreateCarsAsync();
        Assert.Equal([fault], (await client.SendAsync("GET", $"{Path}?{query}")).Faults());
    }

    [Fact]
    public async Task A_type_or_record_that_is_nobodys_or_anothers_is_not_found()
    {
        using var client = await app.CreateCarsAsync();
        using var other = await app.CreateClientAsync();
        var made = await client.FinishAsync("create", [new { name = "Tesla" }]);
        string[] paths = [Path, $"{Path}.json", $"{Path}/{made.IdAt(0)}"];
        foreach (var path in paths) await NotFoundAsync(other, path);
        await other.MakeCarsAsync();
        await NotFoundAsync(other, paths[2]);
        string[] others = [$"{Path}/{Guid.CreateVersion7()}", $"{Path}/7", $"{Path}/a%2Fb", "/api/v2/custom_objects/boat/records"];
        foreach (var path in others) await NotFoundAsync(client, path);

        Assert.Equal("Tesla", await NamesAsync(client, ""));
        Assert.Equal("", await NamesAsync(other, ""));
        (await client.MakeJobAsync("create", [new { name = "x" }], "boat")).Expect(
            404, """{"error":"RecordNotFound","description":"Not found"}""");
    }

    private static async Task NotFoundAsync(HttpClient client, string path) =>
        (await client.SendAsync("GET", path)).Expect(404, """{"error":"RecordNotFound","description":"Not found"}""");

    private static async Task<string> NamesAsync(HttpClient client, string query)
    {
        var list = await client.ReadAsync($"{Path}?{query}");
        Assert.Equal(JsonValueKind.Number, list.GetProperty("count").ValueKind);
        return string.Join(' ', list.GetProperty("custom_object_records").EnumerateArray().Select(record => record.Text("name")));
    }
}
