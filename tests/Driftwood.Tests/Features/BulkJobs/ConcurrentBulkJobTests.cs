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
    public async Task Two_jobs_over_the_same_records_leave_each_as_one_of_their_two_orders_would()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync(
            "email,city\n"
            + string.Concat(Enumerable.Range(0, 5_000).Select(n => $"p{n}@example.com,{(n % 2 == 0 ? "Oslo" : "Bergen")}\n")));

        var set = client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "tag",
                query = "SELECT * FROM contacts",
                expected_count = 5_000,
                @params = new { set = new[] { "set" } },
            });
        var add = client.RunJobAsync(
            new
            {
                entity_type = "contacts",
                operation = "update",
                query = "city = 'Oslo'",
                @params = new { fields = new { city = "Tromsø", tags = new[] { "a", "b" } } }
            });
        var jobs = await Task.WhenAll(set, add);

        Assert.Equal(["completed 5000/5000, 0 failed", "completed 2500/2500, 0 failed"], jobs.Select(job => job.JobOutcome()));
        var tags = (await client.RecordsAsync()).GroupBy(contact => contact.Text("city")!)
            .ToDictionary(city => city.Key, city => city.Select(contact => string.Join('|', contact.Tags())).Distinct());
        Assert.Equal(["Bergen", "Tromsø"], tags.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["set"], tags["Bergen"]);
        Assert.All(tags["Tromsø"], left => Assert.Contains(left, new[] { "set", "a|b" }));
    }

    [Fact]
    public async Task A_company_with_more_contacts_than_one_statement_takes_is_deleted()
    {
        using var client = await app.CreateClientAsync();
        var company = (await client.PostAsync("companies-create", new { name = "Large" })).Result.Id();
        _ = await app.ScalarAsync($"""
            insert into contacts (account_id, id, first_name, company_id, created_at, created_by, updated_at, updated_by)
            select account_id, gen_random_uuid(), 'Ann', id, now(), created_by, now(), created_by from companies, generate_series(1, 20500)
                where id = '{company}'
            """);

        var job = await client.RunJobAsync(new { entity_type = "companies", operation = "delete", query = "name = 'Large'" });

        Assert.Equal("completed 1/1, 0 failed", job.JobOutcome());
        Assert.Equal(0L, await app.ScalarAsync($"select count(*) from contacts where company_id = '{company}'"));
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
