using System.Globalization;
using System.Text;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Lanes;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Work;

/// <summary>Tests the behaviour that only Hangfire has.</summary>
public sealed class HangfireTests(PostgresServer server)
{
    private const int Rows = 60_000;

    [Fact]
    public async Task A_lane_that_waits_is_queued_once_however_often_and_by_whomever_it_is_woken()
    {
        await using var site = new EngineSite(server, JobEngines.Hangfire);
        var one = await site.StartNodeAsync("api");
        var two = await site.StartNodeAsync("api");
        var account = await one.CreateAccountAsync();
        using var client = one.CreateClient(account.Token);
        var id = await StartAsync(client);
        var lanes = Enumerable.Range(0, EngineSite.Lanes).Select(lane => new LaneRef(account.AccountId, id, lane)).ToArray();
        await Eventually.GetAsync(() => WaitingAsync(site), waiting => waiting == "3");

        for (var again = 0; again < 3; again++)
        {
            foreach (var queue in ((DriftwoodApp[])[one, two]).Select(node => node.Services.GetRequiredService<ILaneQueue>()))
                await queue.WakeAgainAsync([.. lanes, .. lanes], TestContext.Current.CancellationToken);
        }

        // By the end of this, the sweepers, which run once a second each, have found the lanes ready several times.
        var swept = await site.ScalarAsync("select clock_timestamp()");
        await Eventually.GetAsync(
            () => site.ScalarAsync($"select clock_timestamp() - '{swept:O}'::timestamptz > interval '3 s'"), passed => passed is true);
        Assert.Equal("3", await WaitingAsync(site));

        await site.StartNodeAsync("worker");
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task Lanes_that_cannot_be_queued_are_queued_by_the_sweeper_later()
    {
        await using var site = new EngineSite(server, JobEngines.Hangfire);
        var node = await site.StartNodeAsync();
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        await site.ScalarAsync("alter schema hangfire_driftwood rename to elsewhere");

        var id = await StartAsync(client);
        Assert.Equal("processing", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));

        await site.ScalarAsync("alter schema elsewhere rename to hangfire_driftwood");
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task Jobs_that_have_run_are_not_kept_for_long()
    {
        await using var site = new EngineSite(server, JobEngines.Hangfire);
        var node = await site.StartNodeAsync();
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        _ = await client.FinishAsync(await StartAsync(client));

        await Eventually.GetAsync(() => WaitingAsync(site, "true"), waiting => waiting == "0");
        Assert.Equal(
            0L, await site.ScalarAsync(
            "select count(*) from hangfire_driftwood.job where expireat is null or expireat > now() + interval '11 minutes'"));
        Assert.True(await site.ScalarAsync("select count(*) from hangfire_driftwood.job where statename = 'Succeeded'") is >= 3L);
    }

    [Fact]
    public async Task What_cannot_be_run_is_not_retried_by_the_queue()
    {
        await using var site = new EngineSite(server, JobEngines.Hangfire);
        var node = await site.StartNodeAsync("api");
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        var id = await StartAsync(client);
        await site.ScalarAsync("alter table lanes rename to lanes_elsewhere");

        await site.StartNodeAsync("worker");
        await Eventually.GetAsync(
            () => site.ScalarAsync("select string_agg(distinct statename, ' ') from hangfire_driftwood.job"), states =>
                states is "Deleted");
        await site.ScalarAsync("alter table lanes_elsewhere rename to lanes");

        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task A_ticket_runs_the_lane_that_is_due_whichever_it_was_queued_for()
    {
        await using var site = new EngineSite(server, JobEngines.Hangfire);
        var node = await site.StartNodeAsync("api");
        using var large = node.CreateClient((await node.CreateAccountAsync()).Token);
        using var small = node.CreateClient((await node.CreateAccountAsync()).Token);
        List<Guid> imports = [];
        for (var n = 0; n < 3; n++) imports.Add(await StartAsync(large));
        var contact = await small.ContactAsync(new { first_name = "Ada" });
        await Eventually.GetAsync(() => WaitingAsync(site), waiting => waiting == "9");

        // The large account has one of two workers before the small account's ticket reaches the front of the queue.
        await site.StartNodeAsync("worker", ("Driftwood:Jobs:Workers", "2"));
        Assert.Equal("completed 1/1, 0 failed", (await small.RunJobAsync("tag", [contact], new { add = new[] { "vip" } })).JobOutcome());
        Assert.True(await site.ScalarAsync("select count(*) from lanes where status = 'ready'") is > 2L);
        foreach (var id in imports) Assert.Equal($"completed {Rows}", (await large.FinishAsync(id)).Outcome().Split(':')[0]);
    }

    private static async Task<Guid> StartAsync(HttpClient client)
    {
        var id = await client.UploadedAsync(
            new StringBuilder("email\n").AppendJoin('\n', Enumerable.Range(0, Rows).Select(n => $"p{n}@example.com")).ToString());
        _ = (await client.ConfirmAsync(id, "email")).Result;
        return id;
    }

    private static async Task<string> WaitingAsync(EngineSite site, string which = "fetchedat is null") =>
        Convert.ToString(
            await site.ScalarAsync($"select count(*) from hangfire_driftwood.jobqueue where {which}"), CultureInfo.InvariantCulture)!;
}
