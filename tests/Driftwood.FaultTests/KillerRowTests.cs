using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>A row kills every worker that tries it, each time (F17).</summary>
public sealed class KillerRowTests(FaultServer server)
{
    private const int Rows = 60;
    private const int Killer = 3;

    // The lease is short, because one follows each kill. The chunks are small, because each kill divides them.
    private static readonly (string, string)[] Settings = [("Driftwood__Jobs__LeaseSeconds", "2"), ("Driftwood__Jobs__ChunkRows", "5")];

    [Fact]
    public async Task It_is_failed_alone_while_the_rest_of_its_job_and_all_others_finish()
    {
        using var site = server.NewSite();
        await using var api = await ServiceProcess.StartAsync(site, 1, [("Driftwood__Role", "api"), .. Settings]);
        using var importer = api.CreateClient(await site.CreateAccountAsync());
        using var updater = api.CreateClient(await site.CreateAccountAsync());
        using var bystander = api.CreateClient(await site.CreateAccountAsync());
        var targets = await CreateAsync(updater);
        await site.AskAsync("""
            create function linger() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
            create trigger linger before insert or update on contacts for each row when (new.city = 'Atlantis') execute function linger();
            """);
        await using var workers = new Victims(site, Settings);
        await workers.StartAsync(3);
        using CancellationTokenSource over = new();
        var killing = workers.KillSleepersAsync(over.Token);

        var import = await importer.UploadedAsync(FileOf(row => row == Killer ? "Atlantis" : "Oslo"));
        _ = (await importer.ConfirmAsync(import, "email,city")).Result;
        var update = (await updater.CreateJobAsync("update", targets, new { fields = new { first_name = "Eve" } })).Result.Id();
        var meanwhile = 0;
        do
        {
            Assert.Equal("completed 60: 60/0/0/0", (await bystander.ImportAsync(FileOf(_ => "Oslo", $"by{meanwhile}-"))).Outcome());
            meanwhile++;
        }
        while (await site.AskAsync($"select count(*) from jobs where id in ('{import}', '{update}') and status = 'processing'") != "0");
        JsonElement[] jobs = [await importer.FinishAsync(import), await updater.FinishJobAsync(update)];
        await over.CancelAsync();
        await killing;

        Assert.Equal("completed 60: 59/0/0/1", jobs[0].Outcome());
        Assert.Equal(["3 4 - - rejected_by_database -"], await importer.ErrorsAsync(import));
        Assert.Equal(Rows - 1, (await importer.RecordsAsync()).Length);
        Assert.Equal("completed 60/60, 1 failed", jobs[1].JobOutcome());
        Assert.Equal(
            $"{Killer - 1} {targets[Killer - 1]} rejected_by_database",
            await site.AskAsync(
                $"select string_agg(concat_ws(' ', target_index, record_id, code), ', ') from target_failures where job_id = '{update}'"));
        Assert.All(
            await updater.RecordsAsync(), contact =>
            Assert.Equal(contact.Text("city") == "Atlantis" ? "Ann" : "Eve", contact.Text("first_name")));
        // The engine gives up no row before it has tried the row alone three times.
        Assert.InRange(workers.Kills, 6, 20);
        Assert.True(meanwhile > 1, "The others had to wait.");
    }

    private static string FileOf(Func<int, string> city, string prefix = "p") =>
        "email,city\n" + string.Concat(Enumerable.Range(1, Rows).Select(row => $"{prefix}{row}@example.com,{city(row)}\n"));

    /// <summary>Makes contacts, one of which has a city for which no update ends.</summary>
    private static async Task<Guid[]> CreateAsync(HttpClient client)
    {
        var ids = new Guid[Rows];
        for (var n = 0; n < Rows; n++)
        {
            ids[n] = await client.ContactAsync(new { first_name = "Ann", city = n == Killer - 1 ? "Atlantis" : "Oslo" });
        }
        return ids;
    }
}
