using System.Collections.Concurrent;
using System.Net;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>Two hundred clients, one of which wants everything (F16).</summary>
public sealed class FairnessTests(FaultServer server)
{
    private const int Clients = 200;
    private const int LargeImports = 4;

    [Fact]
    public async Task A_quiet_account_is_served_while_a_greedy_one_has_every_worker()
    {
        using var site = server.NewSite();
        await using var api = await ServiceProcess.StartAsync(site, 1, ("Driftwood__Role", "api"));
        await using var worker = await ServiceProcess.StartAsync(site, 1, ("Driftwood__Role", "worker"), ("Driftwood__Jobs__Workers", "2"));
        using var greedy = api.CreateClient(await site.CreateAccountAsync());
        var file = ImportFile.Of(100_000);
        List<Guid> large = [];
        for (var n = 0; n < LargeImports; n++) large.Add(await ImportFile.StartAsync(greedy, file));
        var account = await site.AskAsync($"select account_id from jobs where id = '{large[0]}'");
        List<HttpClient> crowd = [];
        for (var n = 2; n < Clients; n++) crowd.Add(api.CreateClient(await site.CreateAccountAsync()));
        using CancellationTokenSource over = new();
        ConcurrentDictionary<HttpStatusCode, int> answers = new();
        var load = crowd.Select(client => AskAsync(client, answers, over.Token)).ToArray();

        using var quiet = api.CreateClient(await site.CreateAccountAsync());
        await Eventually.GetAsync(() => CountAsync(site, account, "status = 'running' and cursor > 0"), held => held == "2");
        var small = await quiet.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, 300).Select(n => $"p{n}@example.com\n")));
        // If the small import had waited for a worker to finish a lane, one lane would be completed.
        Assert.Equal("0", await CountAsync(site, account, "status = 'completed'"));
        Assert.Equal("completed 300: 300/0/0/0", small.Outcome());
        await over.CancelAsync();
        await Task.WhenAll(load);

        Assert.Equal(HttpStatusCode.OK, Assert.Single(answers).Key);
        Assert.True(answers[HttpStatusCode.OK] >= crowd.Count, $"{answers[HttpStatusCode.OK]} answers.");
        foreach (var id in large) _ = (await greedy.PostAsync("imports-cancel", new { id })).Result;
        var ends = await Task.WhenAll(large.Select(greedy.FinishAsync));
        Assert.All(ends, job => Assert.Equal("cancelled", job.Text("status")));
        // The jobs that had to yield did nothing twice.
        Assert.Equal(
            ends.Sum(job => job.GetProperty("created_count").GetInt64()),
            (await greedy.PostAsync("contacts-count", "{}")).Result.GetProperty("count").GetInt64());
        foreach (var client in crowd) client.Dispose();
    }

    /// <summary>Makes a contact and lists contacts, again and again, without a pause.</summary>
    private static async Task AskAsync(HttpClient client, ConcurrentDictionary<HttpStatusCode, int> answers, CancellationToken over)
    {
        do
        {
            foreach (
                var (route, body) in new (
                string, object)[] { ("contacts-create", new { first_name = "Ann" }), ("contacts-list", new { limit = 5 }),
                ("imports-list", "{}") })
            {
                var answer = await client.PostAsync(route, body);
                answers.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
            }
        }
        while (!over.IsCancellationRequested);
    }

    private static Task<string> CountAsync(Site site, string account, string condition) =>
        site.AskAsync($"select count(*) from lanes where account_id = '{account}' and {condition}");
}
