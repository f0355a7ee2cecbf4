using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.FaultTests;

/// <summary>A job and the wake-up for its lanes are two things. Either can be lost (F8).</summary>
public sealed class WakeTests(FaultServer server)
{
    private const string Csv = "email,first_name\na@example.com,Ann\nb@example.com,Bob\na@example.com,Ann again\n";
    private const string Done = "completed 3: 2/0/1/0";

    private static readonly (string, string) Api = ("Driftwood__Role", "api");

    [Fact]
    public async Task A_process_that_dies_between_the_commit_and_the_wake_up_leaves_a_job_that_is_run()
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site);
        var token = await site.CreateAccountAsync();
        var waker = await PutToSleepAsync(site);
        NpgsqlConnectionStringBuilder drowsy = new(
            site.ConnectionString)
        { Options = "-c search_path=public,pg_catalog", ApplicationName = "drowsy" };
        await using var victim = await ServiceProcess.StartAsync(site, 1, Api, ("ConnectionStrings__Driftwood", drowsy.ConnectionString));
        using var client = victim.CreateClient(token);
        var id = await client.UploadedAsync(Csv);

        var confirming = client.ConfirmAsync(id, "email,first_name");
        Assert.Equal(waker, await site.SleeperAsync());
        Assert.NotEqual("uploaded", await site.AskAsync($"select status from jobs where id = '{id}'"));
        // Hangfire's tickets are written after the caller has its answer.
        if (!ServiceProcess.RunsInProcess) Assert.Equal(id, (await confirming).Result.Id());
        await victim.KillAsync();
        if (ServiceProcess.RunsInProcess) await Assert.ThrowsAsync<HttpRequestException>(() => confirming);

        using var survivor = service.CreateClient(token);
        Assert.Equal(id, (await survivor.ConfirmAsync(id, "email,first_name")).Result.Id());
        Assert.Equal(Done, (await survivor.FinishAsync(id)).Outcome());
        Assert.Equal(2, (await survivor.RecordsAsync()).Length);
    }

    [Fact]
    public async Task A_process_that_dies_before_its_commit_is_done_leaves_an_upload_to_confirm_again()
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site);
        var token = await site.CreateAccountAsync();
        await using var victim = await ServiceProcess.StartAsync(site, 1, Api);
        using var client = victim.CreateClient(token);
        var id = await client.UploadedAsync(Csv);
        await site.AskAsync("""
            create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return null; end $$;
            create constraint trigger linger after insert on lanes deferrable initially deferred for each row execute function linger();
            """);

        var confirming = client.ConfirmAsync(id, "email,first_name");
        await site.SleeperAsync();
        await victim.KillAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => confirming);
        await site.AskAsync(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'");

        using var survivor = service.CreateClient(token);
        var job = await Eventually.GetAsync(async () => (await survivor.PostAsync("imports-get", new { id })).Result, _ => true);
        Assert.Equal("uploaded", job.Text("status"));
        Assert.Equal("0", await site.AskAsync("select count(*) from lanes"));
        await site.AskAsync("drop trigger linger on lanes");
        _ = (await survivor.ConfirmAsync(id, "email,first_name")).Result;
        Assert.Equal(Done, (await survivor.FinishAsync(id)).Outcome());
        Assert.Equal(2, (await survivor.RecordsAsync()).Length);
    }

    [Fact]
    public async Task Wake_ups_with_nothing_behind_them_do_nothing()
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site);
        using var client = service.CreateClient(await site.CreateAccountAsync());
        await site.AskAsync("select count(pg_notify('driftwood_lanes', n::text)) from generate_series(-5, 500) n");
        await site.AskAsync(
            "select count(pg_notify('driftwood_lanes', n)) from unnest(array['', 'lanes', '99999999999999999999', '🦭']) n");

        Assert.Equal(Done, (await client.ImportAsync(Csv)).Outcome());
        Assert.Equal("1 1", await site.AskAsync("select concat_ws(' ', (select count(*) from jobs), (select sum(fence) from lanes))"));
    }

    /// <summary>Makes waking take forever in a session whose search path begins with the schema public.</summary>
    /// <returns>The application name of the session that wakes.</returns>
    private static async Task<string> PutToSleepAsync(Site site)
    {
        if (ServiceProcess.RunsInProcess)
        {
            await site.AskAsync("create function public.pg_notify(text, text) returns void language sql as 'select pg_sleep(60)'");
            return "drowsy";
        }

        await site.AskAsync("""
            create function drowse() returns trigger language plpgsql as
            $$ begin if current_setting('search_path') like 'public%' then perform pg_sleep(60); end if; return new; end $$;
            create trigger drowse before insert on hangfire_driftwood.jobqueue for each row execute function drowse();
            """);
        return "driftwood-hangfire";
    }
}
