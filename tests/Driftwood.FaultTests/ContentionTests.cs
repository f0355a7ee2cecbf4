using System.Net;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.FaultTests;

/// <summary>Jobs and single calls need the same records in opposite orders, over two nodes (F12).</summary>
public sealed class ContentionTests(FaultServer server)
{
    private const int People = 2_000;
    private const int Companies = 40;

    [Fact]
    public async Task Jobs_against_single_calls_end_with_every_target_accounted_for_and_no_deadlock_at_the_caller()
    {
        using var site = server.NewSite();
        await using var one = await ServiceProcess.StartAsync(site, 1, ("Driftwood__Jobs__ChunkRows", "200"));
        await using var two = await ServiceProcess.StartAsync(site, 1, ("Driftwood__Jobs__ChunkRows", "200"));
        var token = await site.CreateAccountAsync();
        using var client = one.CreateClient(token);
        using var caller = two.CreateClient(token);
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, People).Select(n => $"p{n}@example.com\n")));
        var ids = (await client.AllAsync("contacts-list", new { limit = 1000 })).Select(contact => contact.Id()).Order().ToArray();
        var companies = new Guid[Companies];
        for (var n = 0; n < Companies; n++)
        {
            companies[n] = (await client.PostAsync("companies-create", new { name = $"Acme {n}" })).Result.Id();
        }

        var update = client.RunJobAsync("update", ids, new { fields = new { company_id = companies[0] } });
        var tag = caller.RunJobAsync("tag", ids.Reverse(), new { add = new[] { "vip" } });
        var delete = client.RunJobAsync("delete", ids.Reverse().Take(People / 2));
        var unlink = caller.RunJobAsync("delete", companies.Reverse().Take(Companies / 2), type: "companies");
        var calls = CallAsync(caller, ids, companies);
        var jobs = await Task.WhenAll(update, tag, delete, unlink);

        Assert.All(
            await calls, answer =>
            Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.UnprocessableEntity }));
        Assert.All(jobs, job => Assert.Equal("completed", job.Text("status")));
        foreach (var job in jobs)
        {
            // The failed targets are those that another caller had deleted by then, each once.
            Assert.Equal(
                $"{job.GetProperty("failed_count").GetInt64()}",
                await site.AskAsync(
                    $"select count(distinct target_index) from target_failures where job_id = '{job.Id()}' and code = 'not_found'"));
        }

        Assert.Equal(
            "0", await site.AskAsync(
            "select count(*) from contacts c where company_id is not null and not exists (select 1 from companies p where p.account_id = "
            + "c.account_id and p.id = c.company_id)"));
        Assert.Equal($"{People / 2}", await site.AskAsync("select count(*) from contacts"));
        Assert.Equal($"{People / 2}", await site.AskAsync("select count(*) from contacts where 'vip' = any (tag_keys)"));
    }

    /// <summary>Links contacts to companies while they are deleted, and deletes companies while contacts are linked to them.</summary>
    private static async Task<List<Answer>> CallAsync(HttpClient client, Guid[] ids, Guid[] companies)
    {
        List<Answer> answers = [];
        for (var n = 0; n < Companies / 2; n++)
        {
            var point = Enumerable.Range(0, 4)
                .Select(k => client.PostAsync("contacts-update", new { id = ids[(n * 40) + k], company_id = companies[^(n + 1)] }));
            var delete = client.PostAsync("companies-delete", new { id = companies[n] });
            answers.AddRange(await Task.WhenAll([.. point, delete]));
        }

        return answers;
    }
}
