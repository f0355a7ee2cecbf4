using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Compat;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Tokens;

/// <summary>What tokens with the scopes for bulk work may do, and what they may not.</summary>
public sealed class ScopeTests(FulcrumApp app) : IClassFixture<FulcrumApp>
{
    [Fact]
    public async Task A_token_with_bulk_imports_a_file_from_the_first_call_to_the_errors()
    {
        var (_, bulk) = await NewClientsAsync("bulk");
        var job = await bulk.ImportAsync("email,first_name\na@example.com,A\nnot an address,B\n");
        Assert.Equal("completed 2: 1/0/0/1", ImportSteps.Outcome(job));
        Assert.Single(await bulk.ErrorsAsync(job.Id()));
        Assert.Equal(1, (await bulk.PostAsync("imports-list", "{}")).Result.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task A_token_with_bulk_makes_and_controls_bulk_jobs_that_do_not_delete()
    {
        var (all, bulk) = await NewClientsAsync("bulk");
        var ids = new[] { (await all.PostAsync("contacts-create", new { email = "a@example.com" })).Result.Id() };
        var id = (await bulk.PostAsync("bulk-jobs-create", Job("update", ids))).Result.Id();
        _ = (await bulk.PostAsync("bulk-jobs-start", new { id })).Result;
        var ended = await Eventually.GetAsync(
            async () => (await bulk.PostAsync("bulk-jobs-get", new { id })).Result, job => job.Text("status") != "processing");
        Assert.Equal("completed", ended.Text("status"));
        _ = (await bulk.PostAsync("bulk-jobs-results", new { id })).Result;
        Refused(await bulk.PostAsync("bulk-jobs-create", Job("delete", ids)), "bulk:delete or write; this one has: bulk.");
    }

    [Fact]
    public async Task A_token_with_bulk_starts_and_resumes_no_job_that_deletes_but_may_stop_it()
    {
        var (all, bulk) = await NewClientsAsync("bulk");
        var ids = new[] { (await all.PostAsync("contacts-create", new { email = "a@example.com" })).Result.Id() };
        var id = (await all.PostAsync("bulk-jobs-create", Job("delete", ids))).Result.Id();
        Refused(await bulk.PostAsync("bulk-jobs-start", new { id }), "bulk:delete or write; this one has: bulk.");
        Refused(await bulk.PostAsync("bulk-jobs-resume", new { id }), "bulk:delete or write; this one has: bulk.");
        var batch = await app.CreateFulcrum(Secret(bulk)).FulcrumAsync($"batch/{id}/start.json");
        Assert.Equal(HttpStatusCode.Forbidden, batch.Status);
        Assert.Equal("cancelled", (await bulk.PostAsync("bulk-jobs-cancel", new { id })).Result.Text("status"));
    }

    [Fact]
    public async Task A_token_with_bulk_delete_deletes_and_does_nothing_else()
    {
        var (all, deleter) = await NewClientsAsync("bulk:delete");
        var ids = new[] { (await all.PostAsync("contacts-create", new { email = "a@example.com" })).Result.Id() };
        Refused(await deleter.PostAsync("bulk-jobs-create", Job("update", ids)), "scope bulk or write; this one has: bulk:delete.");
        Refused(
            await deleter.PostAsync(
                "imports-request-upload", """{"model_type":"contacts","file_name":"a.csv","content_type":"text/csv"}"""),
            "scope bulk or write; this one has: bulk:delete.");
        var id = (await deleter.PostAsync("bulk-jobs-create", Job("delete", ids))).Result.Id();
        _ = (await deleter.PostAsync("bulk-jobs-start", new { id })).Result;
        await Eventually.GetAsync(
            async () => (await deleter.PostAsync("bulk-jobs-get", new { id })).Result, job => job.Text("status") == "completed");
        (await all.PostAsync("contacts-get", new { id = ids[0] })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("bulk")]
    [InlineData("bulk:delete")]
    public async Task A_token_for_bulk_work_reads_and_writes_no_single_records(string scope)
    {
        var (all, client) = await NewClientsAsync(scope);
        var id = (await all.PostAsync("contacts-create", new { email = "a@example.com" })).Result.Id();
        Refused(await client.PostAsync("contacts-get", new { id }), $"scope read; this one has: {scope}.");
        Refused(await client.PostAsync("contacts-list", "{}"), $"scope read; this one has: {scope}.");
        Refused(await client.PostAsync("bulk-jobs-count", """{"entity_type":"contacts","query":"city = 'Oslo'"}"""), "scope read;");
        Refused(await client.PostAsync("contacts-create", new { email = "b@example.com" }), $"scope write; this one has: {scope}.");
        Refused(await client.PostAsync("contacts-delete", new { id }), $"scope write; this one has: {scope}.");
        Refused(await client.PostAsync("audit-list", "{}"), $"scope admin; this one has: {scope}.");
    }

    [Fact]
    public async Task A_token_with_write_covers_all_it_covered_before_and_may_give_a_part_of_it()
    {
        var (all, writer) = await NewClientsAsync("write", "admin");
        var ids = new[] { (await all.PostAsync("contacts-create", new { email = "a@example.com" })).Result.Id() };
        _ = (await writer.PostAsync("bulk-jobs-create", Job("update", ids))).Result;
        _ = (await writer.PostAsync("bulk-jobs-create", Job("delete", ids))).Result;
        _ = await writer.RequestUploadAsync();
        var given = await writer.PostAsync("tokens-create", new { name = "part", scopes = new[] { "bulk", "bulk:delete" } });
        Assert.Equal("""["bulk","bulk:delete"]""", given.Result.GetProperty("scopes").GetRawText());
        Refused(await writer.PostAsync("bulk-jobs-list", "{}"), "scope read, bulk or bulk:delete; this one has: write, admin.");
        Refused(await writer.PostAsync("tokens-create", """{"name":"more","scopes":["read"]}"""), "cannot give the scope read");
    }

    [Fact]
    public async Task A_token_with_bulk_gives_neither_write_nor_bulk_delete()
    {
        var (_, client) = await NewClientsAsync("bulk", "admin");
        Refused(await client.PostAsync("tokens-create", """{"name":"a","scopes":["bulk","write"]}"""), "cannot give the scope write");
        Refused(await client.PostAsync("tokens-create", """{"name":"a","scopes":["bulk:delete"]}"""), "cannot give the scope bulk:delete");
    }

    private async Task<(HttpClient All, HttpClient Some)> NewClientsAsync(params string[] scopes)
    {
        var all = app.CreateClient(await app.CreateAccountAsync());
        var made = (await all.PostAsync("tokens-create", new { name = "some", scopes })).Result.Text("token");
        return (all, app.CreateStranger().As(made));
    }

    private static string Secret(HttpClient client) => client.DefaultRequestHeaders.Authorization!.Parameter!;

    private static object Job(string operation, Guid[] ids) => new
    {
        entity_type = "contacts",
        operation,
        entity_ids = ids,
        start = false,
        @params = operation == "update" ? JsonSerializer.SerializeToElement(new { fields = new { city = "Oslo" } }) : (JsonElement?)null,
    };

    private static void Refused(Answer answer, string sentence) => Assert.Contains(
        sentence, answer.Expect(HttpStatusCode.Forbidden, "forbidden").Error.GetProperty("message").GetString(), StringComparison.Ordinal);
}
