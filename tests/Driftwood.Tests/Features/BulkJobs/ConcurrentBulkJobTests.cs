using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Jobs on the same records at the same time (F12).</summary>
public sealed class ConcurrentBulkJobTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Update_tag_and_delete_in_opposite_orders_all_end_with_every_target_accounted_for()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, 1_500).Select(n => $"p{n}@example.com\n")));
        var ids = (await client.RecordsAsync()).Select(contact => contact.Id()).ToArray();

        var update = client.RunJobAsync("update", ids, new { fields = new { city = "Oslo" } });
        var delete = client.RunJobAsync("delete", ids.Reverse().Take(1_000));
        var tag = client.RunJobAsync("tag", ids.Reverse(), new { add = new[] { "vip" } });
        var jobs = await Task.WhenAll(update, delete, tag);

        Assert.All(jobs, job => Assert.Equal("completed", job.Text("status")));
        Assert.Equal("completed 1000/1000, 0 failed", jobs[1].JobOutcome());
        var left = await client.RecordsAsync();
        Assert.Equal(ids.Take(500).Order(), left.Select(contact => contact.Id()).Order());
        Assert.All(left, contact => Assert.Equal(("Oslo", "vip"), (contact.Text("city"), Assert.Single(contact.Tags()))));
        foreach (var job in new[] { jobs[0], jobs[2] })
        {
            Assert.Equal(
                job.GetProperty("failed_count").GetInt64(),
                await app.ScalarAsync($"select count(*) from target_failures where job_id = '{job.Id()}' and code = 'not_found'"));
        }
    }

    [Fact]
    public async Task Deleting_a_company_while_contacts_are_pointed_to_it_ends_without_a_dangling_contact()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, 500).Select(n => $"p{n}@example.com\n")));
        var ids = (await client.RecordsAsync()).Select(contact => contact.Id()).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var company = (await client.PostAsync("companies-create", new { name = $"Acme {round}" })).Result.Id();
            var point = (await client.CreateJobAsync("update", ids, new { fields = new { company_id = company } })).Result.Id();
            var delete = await client.RunJobAsync("delete", [company], type: "companies");
            var pointed = await client.FinishJobAsync(point);

            Assert.Equal("completed 1/1, 0 failed", delete.JobOutcome());
            Assert.Equal("completed", pointed.Text("status"));
            Assert.All(await client.RecordsAsync(), contact => Assert.Null(contact.Text("company_id")));
        }
    }
}
