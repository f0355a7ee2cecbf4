using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>Processes die or are ended in the middle of imports. Nothing is lost and nothing happens twice.</summary>
public sealed class CrashTests(FaultServer server)
{
    /// <summary>Enough for a kill in the middle of thirty chunks.</summary>
    private const int Rows = 30_000;

    // The result of the same file without disturbance. It is the same in every database.
    private static string? _expectedOfRows;

    [Fact]
    public async Task An_import_whose_processes_are_killed_in_the_middle_ends_as_if_undisturbed()
    {
        using var site = server.NewSite();
        var file = ImportFile.Of(100_000);
        Guid disturbed;
        string token;
        await using (var victim = await ServiceProcess.StartAsync(site, lanes: 2))
        {
            token = await site.CreateAccountAsync();
            using var client = victim.CreateClient(token);
            disturbed = await ImportFile.StartAsync(client, file);
            await UntilInTheMiddleAsync(client, disturbed);
            await victim.KillAsync();
        }

        await using (var victim = await ServiceProcess.StartAsync(site, lanes: 2))
        {
            using var client = victim.CreateClient(token);
            await UntilInTheMiddleAsync(client, disturbed, from: 0.4);
            await victim.KillAsync();
        }

        await using var service = await ServiceProcess.StartAsync(site, lanes: 2);
        using var survivor = service.CreateClient(token);
        var job = await survivor.FinishAsync(disturbed);
        using var other = service.CreateClient(await site.CreateAccountAsync());
        var undisturbed = await ImportFile.StartAsync(other, file);
        var expected = await other.FinishAsync(undisturbed);

        Assert.Equal("completed 100000", expected.Outcome()[..16]);
        Assert.Equal(expected.Outcome(), job.Outcome());
        Assert.Equal(await site.DigestAsync(undisturbed), await site.DigestAsync(disturbed));
    }

    [Fact]
    public async Task An_import_confirmed_just_before_its_process_dies_is_run_by_the_next()
    {
        using var site = server.NewSite();
        var file = ImportFile.Of(5_000);
        Guid id;
        string token;
        await using (var victim = await ServiceProcess.StartAsync(site))
        {
            token = await site.CreateAccountAsync();
            using var client = victim.CreateClient(token);
            id = await ImportFile.StartAsync(client, file);
            await victim.KillAsync();
        }

        await using var service = await ServiceProcess.StartAsync(site);
        using var survivor = service.CreateClient(token);
        Assert.Equal(await UndisturbedAsync(site, service, file), (await survivor.FinishAsync(id)).Outcome() + await site.DigestAsync(id));
    }

    [Fact]
    public async Task A_lane_whose_worker_died_is_taken_over_by_another_process_within_the_lease()
    {
        using var site = server.NewSite();
        var file = ImportFile.Of(Rows);
        await using var one = await ServiceProcess.StartAsync(site);
        await using var two = await ServiceProcess.StartAsync(site);
        var token = await site.CreateAccountAsync();
        using var client = one.CreateClient(token);
        var id = await ImportFile.StartAsync(client, file);
        await UntilInTheMiddleAsync(client, id);

        var owner = await OwnerAsync(site, id);
        var (victim, heir) = owner == one.Id ? (one, two) : (two, one);
        Assert.Equal(owner, victim.Id);
        await victim.KillAsync();
        var clock = Stopwatch.StartNew();
        await Eventually.GetAsync(() => OwnerAsync(site, id), now => now == heir.Id);
        // The contract allows the end of the lease, plus the time of the sweeper and the claim.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(ServiceProcess.LeaseSeconds + 10), $"Taken over after {clock.Elapsed}.");

        using var survivor = heir.CreateClient(token);
        var outcome = (await survivor.FinishAsync(id)).Outcome();
        Assert.Equal(_expectedOfRows ??= await UndisturbedAsync(site, heir, file), outcome + await site.DigestAsync(id));
    }

    [Fact]
    public async Task A_process_told_to_stop_under_load_hands_its_lane_back_and_goes()
    {
        using var site = server.NewSite();
        var file = ImportFile.Of(Rows);
        Guid id;
        string token;
        await using (var leaving = await ServiceProcess.StartAsync(site))
        {
            token = await site.CreateAccountAsync();
            using var client = leaving.CreateClient(token);
            id = await ImportFile.StartAsync(client, file);
            var load = Enumerable.Range(0, 4).Select(_ => AskUntilGoneAsync(client)).ToArray();
            await UntilInTheMiddleAsync(client, id);
            var (exitCode, took) = await leaving.TerminateAsync();
            Assert.All(await Task.WhenAll(load), answers => Assert.True(answers > 0));
            Assert.Equal(0, exitCode);
            Assert.True(took < TimeSpan.FromSeconds(15), $"It took {took}.");
        }

        Assert.Equal(
            "ready  0 ",
            await site.AskAsync(
            $"select concat_ws(' ', status, coalesce(owner, ''), attempts, coalesce(leased_until::text, '')) from lanes where job_id = "
            + $"'{id}'"));
        await using var service = await ServiceProcess.StartAsync(site);
        using var survivor = service.CreateClient(token);
        var outcome = (await survivor.FinishAsync(id)).Outcome();
        Assert.Equal(_expectedOfRows ??= await UndisturbedAsync(site, service, file), outcome + await site.DigestAsync(id));
    }

    /// <summary>Imports the same file in another account. Returns the outcome and the digest.</summary>
    private static async Task<string> UndisturbedAsync(Site site, ServiceProcess service, byte[] file)
    {
        using var client = service.CreateClient(await site.CreateAccountAsync());
        var id = await ImportFile.StartAsync(client, file);
        return (await client.FinishAsync(id)).Outcome() + await site.DigestAsync(id);
    }

    private static async Task UntilInTheMiddleAsync(HttpClient client, Guid id, double from = 0.1)
    {
        var job = await Eventually.GetAsync(
            async () => (await client.PostAsync("imports-get", new { id })).Result, job => Share(job) > from);
        Assert.True(Share(job) < 0.8, $"Too late: {job}");
    }

    /// <summary>Sends requests without a pause until the service is gone. Returns the number of answers.</summary>
    private static async Task<int> AskUntilGoneAsync(HttpClient client)
    {
        for (var answers = 0; ; answers++)
        {
            try
            {
                _ = (await client.PostAsync("imports-list", "{}")).Result;
            }
            catch (HttpRequestException)
            {
                return answers;
            }
        }
    }

    private static double Share(JsonElement job) =>
        job.GetProperty("processed_rows").GetDouble() / job.GetProperty("total_rows").GetDouble();

    /// <summary>The process that runs the import's lane; 0 while no process does.</summary>
    private static async Task<int> OwnerAsync(Site site, Guid id)
    {
        var owner = await site.AskAsync($"select owner from lanes where job_id = '{id}'");
        return owner.Length == 0 ? 0 : int.Parse(owner[(owner.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
    }
}
