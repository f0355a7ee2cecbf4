using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Lanes;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Work;

/// <summary>Behaviour that every job engine has.</summary>
public sealed class JobEngineTests(EngineSites sites) : IClassFixture<EngineSites>
{
    /// <summary>This is enough rows for three lanes.</summary>
    private const int Rows = 60_000;

    public static TheoryData<string> Engines => [.. JobEngines.All];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_large_import_runs_in_several_lanes(string engine)
    {
        var (site, node) = sites[engine];
        using var client = await CreateClientAsync(node);
        var id = await StartAsync(client);

        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            (long)EngineSite.Lanes,
            await site.ScalarAsync($"select count(*) from lanes where job_id = '{id}' and status = 'completed' and processed > 1000"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_bulk_job_of_three_ids(string engine)
    {
        using var client = await CreateClientAsync(sites[engine].Node);
        List<Guid> ids = [];
        foreach (var name in (string[])["Ada", "Bob", "Cem"]) ids.Add(await client.ContactAsync(new { first_name = name }));

        Assert.Equal("completed 3/3, 0 failed", (await client.RunJobAsync("tag", ids, new { add = new[] { "vip" } })).JobOutcome());
        foreach (var id in ids) Assert.Equal(["vip"], (await client.GetAsync(id)).Tags());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task An_import_is_paused_and_resumed(string engine)
    {
        using var client = await CreateClientAsync(sites[engine].Node);
        var id = await StartAsync(client);

        _ = (await client.PostAsync("imports-pause", new { id })).Result;
        var paused = await client.FinishAsync(id);
        Assert.Equal("paused", paused.Text("status"));
        Assert.Equal(paused.Text("processed_rows"), await CountAsync(client));

        _ = (await client.PostAsync("imports-resume", new { id })).Result;
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal($"{Rows}", await CountAsync(client));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_cancelled_import_keeps_what_is_applied(string engine)
    {
        using var client = await CreateClientAsync(sites[engine].Node);
        var id = await StartAsync(client);

        _ = (await client.PostAsync("imports-cancel", new { id })).Result;
        var cancelled = await client.FinishAsync(id);

        Assert.Equal("cancelled", cancelled.Text("status"));
        Assert.Equal(cancelled.Text("processed_rows"), await CountAsync(client));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_lanes_that_waited_for_a_plan_are_woken_by_who_made_it(string engine)
    {
        var (site, node) = sites[engine];
        using var client = await CreateClientAsync(node);
        var csv = new StringBuilder("Email,Ext\n")
            .AppendJoin('\n', Enumerable.Range(0, Rows).Select(n => $"p{n}@example.com,e{n - (n % 100 == 1 ? 1 : 0)}"));
        var id = await client.UploadedAsync(csv.ToString());
        _ = (await client.ConfirmAsync(
            id, "Email,Ext",
            new
            {
                column_mapping = new { Email = "email", Ext = "external_id" },
                match_on = "email",
                duplicate_strategy = "merge"
            })).Result;

        Assert.Equal($"completed {Rows}: {Rows - (Rows / 100)}/0/0/{Rows / 100}", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            (long)EngineSite.Lanes, await site.ScalarAsync($"select count(*) from lanes where job_id = '{id}' and processed > 1000"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_lane_that_nobody_woke_is_found_by_the_sweeper(string engine)
    {
        var (site, node) = sites[engine];
        using var client = await CreateClientAsync(node);
        var id = await StartAsync(client);
        _ = (await client.PostAsync("imports-pause", new { id })).Result;
        Assert.Equal("paused", (await client.FinishAsync(id)).Text("status"));

        // imports-resume does this, and then its process dies.
        await site.ScalarAsync($"""
            with resumed as (update jobs set status = 'processing', control = null where id = '{id}')
            update lanes set status = 'ready' where job_id = '{id}' and status = 'stopped'
            """);

        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Lanes_delivered_many_times_are_run_once(string engine)
    {
        var (site, node) = sites[engine];
        var account = await node.CreateAccountAsync();
        using var client = node.CreateClient(account.Token);
        var id = await StartAsync(client);
        var lanes = Enumerable.Range(0, EngineSite.Lanes).Select(lane => new LaneRef(account.AccountId, id, lane)).ToArray();
        var queue = node.Services.GetRequiredService<ILaneQueue>();
        var runner = node.Services.GetRequiredService<LaneRunner>();

        var wakes = Enumerable.Range(0, 5).Select(_ => queue.WakeAgainAsync(lanes, TestContext.Current.CancellationToken));
        var runs = lanes.Concat(lanes).Select(async lane => (await runner.RunAsync(lane, TestContext.Current.CancellationToken)).End);
        await Task.WhenAll(wakes);
        var ends = await Task.WhenAll(runs);

        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal($"{Rows}", await CountAsync(client));
        Assert.All(ends, end => Assert.True(end is LaneEnd.NothingToClaim or LaneEnd.Completed, $"{end}"));
        Assert.Equal(
            (long)EngineSite.Lanes, await site.ScalarAsync($"select count(*) from lanes where job_id = '{id}' and status = 'completed'"));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task What_a_node_is_at_when_it_stops_is_gone_on_with_by_another(string engine)
    {
        await using var site = new EngineSite(sites.Server, engine);
        var api = await site.StartNodeAsync("api");
        var leaving = await site.StartNodeAsync("worker");
        using var client = await CreateClientAsync(api);
        var id = await StartAsync(client);
        await Eventually.GetAsync(async () => Processed(await GetAsync(client, id)), processed => processed > 0);

        var clock = Stopwatch.StartNew();
        await site.StopAsync(leaving);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"It took {clock.Elapsed}.");
        Assert.InRange(Processed(await GetAsync(client, id)), 1, Rows - 1);
        Assert.Equal(
            0L, await site.ScalarAsync($"select count(*) from lanes where job_id = '{id}' and (status = 'running' or attempts > 0)"));

        await site.StartNodeAsync("worker");
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal($"{Rows}", await CountAsync(client));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_values_of_a_deleted_field_are_cleaned_up(string engine)
    {
        var (site, node) = sites[engine];
        var account = await node.CreateAccountAsync();
        using var client = node.CreateClient(account.Token);
        var field = (await client.PostAsync("fields-create", new { record_type = "contacts", key = "doomed", kind = "text" })).Result.Id();
        _ = await client.ContactAsync(new { first_name = "Ada", custom = new { doomed = "x" } });

        _ = (await client.PostAsync("fields-delete", new { id = field })).Result;

        await Eventually.GetAsync(
            () => site.ScalarAsync($"select status from jobs where account_id = '{account.AccountId}' and kind = 'maintenance'"), status =>
                status is "completed");
        Assert.Equal("{}", await site.ScalarAsync($"select custom::text from contacts where account_id = '{account.AccountId}'"));
    }

    private static async Task<HttpClient> CreateClientAsync(DriftwoodApp node) =>
        node.CreateClient((await node.CreateAccountAsync()).Token);

    private static async Task<Guid> StartAsync(HttpClient client)
    {
        var id = await client.UploadedAsync(
            new StringBuilder("email\n").AppendJoin('\n', Enumerable.Range(0, Rows).Select(n => $"p{n}@example.com")).ToString());
        _ = (await client.ConfirmAsync(id, "email")).Result;
        return id;
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, Guid id) =>
        (await client.PostAsync("imports-get", new { id })).Result;

    private static long Processed(JsonElement job) => job.GetProperty("processed_rows").GetInt64();

    private static async Task<string?> CountAsync(HttpClient client) =>
        (await client.PostAsync("contacts-count", "{}")).Result.Text("count");
}
