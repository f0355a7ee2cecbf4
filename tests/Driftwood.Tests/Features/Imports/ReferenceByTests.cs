using System.Net;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Columns that name a record by one of its match fields, and not by its id.</summary>
public sealed class ReferenceByTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Source = """{"email":"email","Ref":{"field":"source_id","by":"name"}}""";

    [Fact]
    public async Task A_source_is_named_by_its_name_in_any_spelling_and_an_unknown_name_fails_its_row()
    {
        using var client = await app.CreateClientAsync();
        var fair = (await client.PostAsync("sources-create", new { name = "Spring Fair" })).Result.Id();
        var id = await client.UploadedAsync("email,Ref\na@example.com,spring  FAIR\nb@example.com,Autumn fair\nc@example.com,\n");

        var job = await RunAsync(client, id, Source);

        Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
        Assert.Equal(["2 3 Ref source_id not_found Autumn fair"], await client.ErrorsAsync(id));
        var told = Assert.Single(await client.AllAsync("imports-errors", new { id })).Text("message");
        Assert.Equal("None of the sources has this Name.", told);
        var made = (await client.RecordsAsync()).OrderBy(each => each.Text("email"));
        Assert.Equal([fair.ToString(), null], made.Select(each => each.Text("source_id")));
    }

    [Theory]
    [InlineData("domain", "https://www.acme.example/about", null)]
    [InlineData("external_id", "A-1", null)]
    [InlineData("name", "acme", null)]
    [InlineData("name", "Twin", "ambiguous_match")]
    [InlineData("domain", "nowhere.example", "not_found")]
    [InlineData("domain", "no domain", "invalid_url")]
    public async Task A_company_is_named_by_each_of_its_match_fields(string by, string cell, string? code)
    {
        using var client = await app.CreateClientAsync();
        var company = new { name = "Acme", domain = "acme.example", external_id = "A-1" };
        var acme = (await client.PostAsync("companies-create", company)).Result.Id();
        for (var i = 0; i < 2; i++) _ = (await client.PostAsync("companies-create", new { name = "Twin" })).Result;
        var id = await client.UploadedAsync($"email,Ref\na@example.com,{cell}\n");

        var job = await RunAsync(client, id, $$$"""{"email":"email","Ref":{"field":"company_id","by":"{{{by}}}"}}""");

        if (code is null)
        {
            Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
            Assert.Equal(acme, Assert.Single(await client.RecordsAsync()).GetProperty("company_id").GetGuid());
            return;
        }

        Assert.Equal("completed 1: 0/0/0/1", job.Outcome());
        Assert.Equal([$"1 2 Ref company_id {code} {cell}"], await client.ErrorsAsync(id));
    }

    [Fact]
    public async Task A_matched_record_gets_the_reference_and_undo_takes_it_back()
    {
        using var client = await app.CreateClientAsync();
        var fair = (await client.PostAsync("sources-create", new { name = "Spring Fair" })).Result.Id();
        _ = (await client.PostAsync("contacts-create", new { email = "a@example.com" })).Result;
        var id = await client.UploadedAsync("email,Ref\na@example.com,Spring Fair\n");

        _ = await RunAsync(client, id, Source, ""","duplicate_strategy":"merge" """);

        Assert.Equal(fair.ToString(), Assert.Single(await client.RecordsAsync()).Text("source_id"));
        var undo = (await client.PostAsync("jobs-undo", new { id })).Result;
        _ = await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = undo.Id() })).Result,
            each => each.Text("status") == "completed");
        Assert.Null(Assert.Single(await client.RecordsAsync()).Text("source_id"));
    }

    [Theory]
    [InlineData("""{"email":"email","Ref":{"field":"city","by":"name"}}""", "column_mapping.Ref.by: conflict")]
    [InlineData("""{"email":"email","Ref":{"field":"source_id","by":"kind"}}""", "column_mapping.Ref.by: invalid_choice")]
    [InlineData("""{"email":"email","Ref":{"field":"source_id","by":1}}""", "column_mapping.Ref.by: invalid_choice")]
    public async Task A_field_that_names_no_record_is_refused(string mapping, string detail)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,Ref\na@example.com,x\n");

        var refused = await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}}""");

        Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    private static async Task<JsonElement> RunAsync(HttpClient client, Guid id, string mapping, string more = "")
    {
        _ = (await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}{{more}}}""")).Result;
        return await client.FinishAsync(id);
    }
}
