using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Work;

public sealed class JobDashboardTests(EngineSites sites) : IClassFixture<EngineSites>
{
    [Theory]
    [MemberData(nameof(JobEngineTests.Engines), MemberType = typeof(JobEngineTests))]
    public async Task There_is_none_where_no_account_was_named_for_it(string engine)
    {
        var (_, node) = sites[engine];
        foreach (var token in (string?[])[null, (await node.CreateAccountAsync()).Token])
        {
            using var client = node.CreateClient(token);
            foreach (var path in (string[])["jobs", "jobs/", "jobs/servers"])
                Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(client, HttpMethod.Get, path)).Status);
        }
    }

    [Theory]
    [MemberData(nameof(JobEngineTests.Engines), MemberType = typeof(JobEngineTests))]
    public async Task Routes_of_the_API_do_not_take_a_token_as_a_password(string engine)
    {
        var (_, node) = sites[engine];
        var account = await node.CreateAccountAsync();
        using var client = node.CreateClient();
        (await AskAsync(client, HttpMethod.Post, "api/me", account.Token)).Expect(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    [Fact]
    public async Task It_is_shown_to_administrators_of_the_account_it_is_for_and_to_nobody_else()
    {
        var (site, first) = sites[JobEngines.Hangfire];
        var operators = await first.CreateAccountAsync();
        var reader = await first.CreateAccountAsync("read", "write");
        var others = await first.CreateAccountAsync();
        var node = await site.StartNodeAsync("api", ("Driftwood:Jobs:DashboardAccount", $"{operators.AccountId}"));
        using var client = node.CreateClient();

        foreach (var path in (string[])["jobs", "jobs/", "jobs/servers", "jobs/stats", "jobs/css"])
        {
            // A browser behind a proxy on the same machine has no more access than any other.
            foreach (var forwarded in (bool[])[false, true])
            {
                var anonymous = (await AskAsync(client, HttpMethod.Get, path, null, forwarded))
                    .Expect(HttpStatusCode.Unauthorized, "unauthenticated");
                Assert.StartsWith("Basic realm=", anonymous.Header("WWW-Authenticate"), StringComparison.Ordinal);
                (await AskAsync(client, HttpMethod.Get, path, "dw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", forwarded))
                    .Expect(HttpStatusCode.Unauthorized, "unauthenticated");
                (await AskAsync(client, HttpMethod.Get, path, reader.Token, forwarded)).Expect(HttpStatusCode.Forbidden, "forbidden");
                (await AskAsync(client, HttpMethod.Get, path, others.Token, forwarded)).Expect(HttpStatusCode.Forbidden, "forbidden");
            }
        }

        foreach (var path in (string[])["jobs", "jobs/", "jobs/servers", "jobs/jobs/enqueued", "jobs/jobs/succeeded"])
        {
            var page = await AskAsync(client, HttpMethod.Get, path, operators.Token);
            Assert.Equal(HttpStatusCode.OK, page.Status);
            Assert.Contains("Driftwood: lanes", page.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("Host=", page.Text, StringComparison.Ordinal);
        }

        using var bearer = node.CreateClient(operators.Token);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(bearer, HttpMethod.Get, "jobs")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(bearer, HttpMethod.Get, "jobs/nothing")).Status);
    }

    [Fact]
    public async Task It_is_there_to_look_only()
    {
        var (site, first) = sites[JobEngines.Hangfire];
        var operators = await first.CreateAccountAsync();
        var node = await site.StartNodeAsync("api", ("Driftwood:Jobs:DashboardAccount", $"{operators.AccountId}"));
        using var client = node.CreateClient();
        foreach (
            var command in (string[])[
            "jobs/jobs/enqueued/delete", "jobs/jobs/succeeded/requeue", "jobs/jobs/actions/requeue/1", "jobs/jobs/actions/delete/1"])
        {
            var answer = await AskAsync(client, HttpMethod.Post, command, operators.Token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.Status);
        }
    }

    [Fact]
    public async Task A_ticket_tells_account_job_and_lane_and_its_page_how_far_the_job_is()
    {
        var (site, first) = sites[JobEngines.Hangfire];
        var operators = await first.CreateAccountAsync();
        var node = await site.StartNodeAsync("api", ("Driftwood:Jobs:DashboardAccount", $"{operators.AccountId}"));
        using var client = node.CreateClient(operators.Token);
        var contact = await client.ContactAsync(new { first_name = "Ada" });
        var id = (await client.RunJobAsync("tag", [contact], new { add = new[] { "vip" } })).Id();

        // A sweeper that runs between the fetch of the ticket and its claim queues a second ticket, which finds no lane.
        var name = $"Ticket for lane 0 of job {id}, account {operators.AccountId}";
        var ran = $"Lane 0 of job {id}, account {operators.AccountId}: Completed";
        var pages = await Eventually.GetAsync(
            () => ReadTicketsAsync(client, name), found => found.Any(page => page.Contains(ran, StringComparison.Ordinal)));
        Assert.All(pages, page => Assert.Contains("Bulk, Completed: 1 of 1", page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Workers_have_none()
    {
        var (site, first) = sites[JobEngines.Hangfire];
        var operators = await first.CreateAccountAsync();
        var node = await site.StartNodeAsync("worker", ("Driftwood:Jobs:DashboardAccount", $"{operators.AccountId}"));
        using var client = node.CreateClient();
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(client, HttpMethod.Get, "jobs", operators.Token)).Status);
    }

    private static async Task<List<string>> ReadTicketsAsync(HttpClient client, string name)
    {
        var list = (await AskAsync(client, HttpMethod.Get, "jobs/jobs/succeeded")).Text;
        List<string> pages = [];
        foreach (Match link in Regex.Matches(list, $"href=\"/(jobs/jobs/details/\\d+)\">{name}"))
            pages.Add((await AskAsync(client, HttpMethod.Get, link.Groups[1].Value)).Text);
        return pages;
    }

    private static async Task<Answer> AskAsync(
        HttpClient client, HttpMethod method, string path, string? password = null, bool forwarded = false)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (password is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"anyone:{password}")));
        if (forwarded)
        {
            request.Headers.Add("X-Forwarded-For", "127.0.0.1");
            request.Headers.Add("X-Forwarded-Host", "localhost");
            request.Headers.Add("Forwarded", "for=127.0.0.1;host=localhost");
        }

        return await client.AskAsync(request);
    }
}
