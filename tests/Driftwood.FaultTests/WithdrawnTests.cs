using System.Net;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>Accounts are disabled, and jobs are deleted by hand, while a worker runs them (F20).</summary>
public sealed class WithdrawnTests(FaultServer server)
{
    private const int Rows = 30_000;

    [Fact]
    public async Task A_disabled_accounts_import_stops_and_goes_on_where_it_was_when_the_account_is_enabled()
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site);
        var file = ImportFile.Of(Rows);
        using var client = service.CreateClient(await site.CreateAccountAsync());
        using var other = service.CreateClient(await site.CreateAccountAsync());
        var id = await StartAsync(site, client, file);

        await site.AskAsync($"update accounts set disabled_at = now() where id = (select account_id from jobs where id = '{id}')");
        (await client.PostAsync("imports-get", new { id })).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
        const string Lane = "select concat_ws(' ', status, coalesce(owner, '-'), attempts, cursor) from lanes where job_id = ";
        var stopped = await Eventually.GetAsync(
            () => site.AskAsync($"{Lane}'{id}'"), lane => lane.StartsWith("ready", StringComparison.Ordinal));
        Assert.StartsWith("ready - 0 ", stopped, StringComparison.Ordinal);
        var undisturbed = await ImportFile.StartAsync(other, file);
        var expected = (await other.FinishAsync(undisturbed)).Outcome();
        Assert.Equal(stopped, await site.AskAsync($"{Lane}'{id}'"));

        await site.AskAsync("update accounts set disabled_at = null");
        Assert.Equal(expected, (await client.FinishAsync(id)).Outcome());
        Assert.Equal(await site.DigestAsync(undisturbed), await site.DigestAsync(id));
    }

    [Fact]
    public async Task A_job_deleted_in_the_middle_ends_its_lane_and_nothing_else()
    {
        using var site = server.NewSite();
        await using var service = await ServiceProcess.StartAsync(site);
        using var client = service.CreateClient(await site.CreateAccountAsync());
        using var other = service.CreateClient(await site.CreateAccountAsync());
        _ = await other.ImportAsync("email\na@example.com\nb@example.com\n");
        var untouched = (await other.PostAsync("contacts-list", "{}")).Text;
        var id = await StartAsync(site, client, ImportFile.Of(Rows));

        await site.AskAsync($"delete from jobs where id = '{id}'");
        (await client.PostAsync("imports-get", new { id })).Expect(HttpStatusCode.NotFound, "not_found");
        // When the worker has finished another job of the account, it has noticed. After that it changes nothing more.
        Assert.Equal("completed 1: 1/0/0/0", (await client.ImportAsync("email,first_name\nlast@example.com,Last\n")).Outcome());
        var contacts = await CountAsync(client);
        Assert.InRange(contacts, 1, Rows);
        Assert.Equal("completed 1: 1/0/0/0", (await client.ImportAsync("email,first_name\nvery.last@example.com,Last\n")).Outcome());
        Assert.Equal(contacts + 1, await CountAsync(client));
        Assert.Equal("0", await site.AskAsync($"select count(*) from lanes where job_id = '{id}'"));
        Assert.Equal(untouched, (await other.PostAsync("contacts-list", "{}")).Text);
        Assert.DoesNotContain(
            service.Output, line =>
            line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal));
    }

    private static async Task<int> CountAsync(HttpClient client) =>
        (await client.PostAsync("contacts-count", "{}")).Result.GetProperty("count").GetInt32();

    /// <summary>Starts an import and waits until it is in the middle of its file.</summary>
    private static async Task<Guid> StartAsync(Site site, HttpClient client, byte[] file)
    {
        var id = await ImportFile.StartAsync(client, file);
        await Eventually.GetAsync(
            () => site.AskAsync($"select cursor > 3000 and status = 'running' from lanes where job_id = '{id}'"), seen => seen == "True");
        return id;
    }
}
