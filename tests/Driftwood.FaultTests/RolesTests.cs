using System.Net;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.FaultTests;

/// <summary>Nodes with different roles share one database.</summary>
public sealed class RolesTests(FaultServer server)
{
    private static readonly (string, string) Api = ("Driftwood__Role", "api");
    private static readonly (string, string) Worker = ("Driftwood__Role", "worker");
    private static readonly (string, string) OneLane = ("Driftwood__Jobs__Workers", "1");

    [Fact]
    public async Task Two_workers_share_what_an_api_node_is_asked_for()
    {
        using var site = server.NewSite();
        await using var api = await ServiceProcess.StartAsync(site, 2, Api);
        await using var one = await ServiceProcess.StartAsync(site, 2, Worker, OneLane);
        await using var two = await ServiceProcess.StartAsync(site, 2, Worker, OneLane);
        using var client = api.CreateClient(await site.CreateAccountAsync());

        var id = await ImportFile.StartAsync(client, ImportFile.Of(40_000));
        await Eventually.GetAsync(
            () => site.AskAsync("select count(distinct owner) from lanes where status = 'running' and cursor > 0"), owners =>
            owners == "2");
        var import = await client.FinishAsync(id);
        Assert.StartsWith("completed 40000: ", import.Outcome(), StringComparison.Ordinal);
        Assert.Equal("40000 errors: 400", await site.AskAsync($"""
            select (select sum(processed) from lanes where job_id = '{id}') || ' errors: ' || (select count(distinct row_number)
                from row_errors where job_id = '{id}')
            """));
        var contacts = import.GetProperty("created_count").GetInt32();
        Assert.Equal(contacts, (await client.PostAsync("contacts-count", "{}")).Result.GetProperty("count").GetInt32());

        var tag = await client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "tag",
                query = "SELECT * FROM contacts",
                expected_count = contacts,
                @params = new { add = new[] { "all" } },
            });
        Assert.Equal($"completed {contacts}/{contacts}, 0 failed", tag.JobOutcome());
        Assert.Equal($"{contacts}", await site.AskAsync("select count(*) from contacts where 'all' = any (tag_keys)"));
    }

    [Fact]
    public async Task A_hundred_confirms_at_two_nodes_make_one_run()
    {
        using var site = server.NewSite();
        await using var one = await ServiceProcess.StartAsync(site);
        await using var two = await ServiceProcess.StartAsync(site);
        var token = await site.CreateAccountAsync();
        HttpClient[] clients = [one.CreateClient(token), two.CreateClient(token)];
        var id = await clients[0].UploadedAsync("email,first_name\na@example.com,Ann\nb@example.com,Bob\na@example.com,Ann again\n");

        string[] strategies = ["skip", "merge", "overwrite"];
        var asked = Enumerable.Range(0, 100).Select(n => (Client: clients[n % 2], Strategy: strategies[n % 3])).ToArray();
        var answers = await Task.WhenAll(
            asked.Select(ask => ask.Client.ConfirmAsync(id, "email,first_name", new { duplicate_strategy = ask.Strategy })));

        var job = await clients[1].FinishAsync(id);
        var winner = job.Text("duplicate_strategy")!;
        Assert.Equal(winner == "skip" ? "completed 3: 2/0/1/0" : "completed 3: 2/1/0/0", job.Outcome());
        foreach (var ((_, strategy), answer) in asked.Zip(answers))
        {
            if (strategy == winner) Assert.Equal(id, answer.Result.Id());
            else answer.Expect(HttpStatusCode.Conflict, "invalid_state");
        }

        Assert.Equal("1 1", await site.AskAsync("select concat_ws(' ', (select count(*) from jobs), (select count(*) from lanes))"));
        Assert.Equal(2, (await clients[0].RecordsAsync()).Length);
        foreach (var client in clients) client.Dispose();
    }

    [Fact]
    public async Task Nodes_that_lose_their_database_say_so_and_go_on_by_themselves_once_it_is_back()
    {
        using var site = server.NewSite();
        await using var api = await ServiceProcess.StartAsync(site, 1, Api);
        await using var worker = await ServiceProcess.StartAsync(site, 1, Worker);
        var file = ImportFile.Of(30_000);
        using var client = api.CreateClient(await site.CreateAccountAsync());
        using var other = api.CreateClient(await site.CreateAccountAsync());
        var id = await ImportFile.StartAsync(client, file);
        await Eventually.GetAsync(() => site.AskAsync($"select cursor > 3000 from lanes where job_id = '{id}'"), seen => seen == "True");

        await RenameAsync(site, site.Database, $"{site.Database}_away");
        foreach (var node in new[] { api, worker })
        {
            using var stranger = node.CreateClient("");
            await Eventually.GetAsync(() => ReadyAsync(stranger), ready => ready == (HttpStatusCode.ServiceUnavailable, "not_ready"));
            Assert.Equal(HttpStatusCode.OK, (await stranger.AskAsync(new HttpRequestMessage(HttpMethod.Get, "/healthz"))).Status);
        }

        (await client.PostAsync("imports-get", new { id })).Expect(HttpStatusCode.ServiceUnavailable, "database_unavailable");
        await RenameAsync(site, $"{site.Database}_away", site.Database);
        foreach (var node in new[] { api, worker })
        {
            using var stranger = node.CreateClient("");
            await Eventually.GetAsync(() => ReadyAsync(stranger), ready => ready == (HttpStatusCode.OK, "ready"));
        }

        var outcome = (await client.FinishAsync(id)).Outcome();
        var undisturbed = await ImportFile.StartAsync(other, file);
        Assert.Equal((await other.FinishAsync(undisturbed)).Outcome(), outcome);
        Assert.Equal(await site.DigestAsync(undisturbed), await site.DigestAsync(id));
    }

    /// <summary>
    /// Ends every session and keeps new ones out. A rename locks the database while it waits until the database has no sessions.
    /// </summary>
    private static async Task RenameAsync(Site site, string from, string to)
    {
        var renaming = site.AdministerAsync($"alter database {from} rename to {to}");
        while (!renaming.IsCompleted)
        {
            await site.AdministerAsync(
                $"do $$ begin perform pg_terminate_backend(pid) from pg_stat_activity where datname = '{from}'; end $$");
        }
        await renaming;
        NpgsqlConnection.ClearAllPools();
    }

    private static async Task<(HttpStatusCode, string?)> ReadyAsync(HttpClient client)
    {
        var answer = await client.AskAsync(new HttpRequestMessage(HttpMethod.Get, "/readyz"));
        return (answer.Status, answer.Body.GetProperty("status").GetString());
    }
}
