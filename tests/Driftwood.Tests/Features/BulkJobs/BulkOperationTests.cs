using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Tests exactly which values delete, update and tag change, and which they leave alone.</summary>
public sealed class BulkOperationTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Delete_takes_the_named_records_once_and_fails_the_others_by_name()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var theirs = await other.ContactAsync(new { first_name = "Theirs" });
        var (one, two, kept) = (
            await client.ContactAsync(new { first_name = "1" }), await client.ContactAsync(new { first_name = "2" }),
            await client.ContactAsync(new { first_name = "3" }));
        var missing = Guid.CreateVersion7();

        var job = await client.RunJobAsync("delete", [one, missing, two, one, theirs, two]);

        Assert.Equal("completed 4/4, 2 failed", job.JobOutcome());
        Assert.Equal(6, job.GetProperty("entity_ids").GetArrayLength());
        Assert.Equal($"1 {missing} not_found, 4 {theirs} not_found", await app.FailuresAsync(job.Id()));
        Assert.Equal(kept, Assert.Single(await client.RecordsAsync()).Id());
        Assert.Equal(theirs, Assert.Single(await other.RecordsAsync()).Id());
    }

    [Fact]
    public async Task Update_sets_the_named_fields_and_leaves_the_rest()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var company = (await client.PostAsync("companies-create", new { name = "Acme" })).Result.Id();
        var ann = await client.ContactAsync(
            new { email = "ann@example.com", first_name = "Ann", city = "Bergen", job_title = "CEO", tags = new[] { "old" } });
        var bob = await client.ContactAsync(new { email = "bob@example.com", first_name = "Bob", birthday = "1980-01-01" });
        var untouched = (await client.GetAsync(await client.ContactAsync(new { first_name = "Cid" }))).GetRawText();
        var before = await client.GetAsync(ann);

        var job = await client.RunJobAsync("update", [ann, bob, Guid.CreateVersion7()], new
        {
            fields =
                new
                {
                    city = " Oslo ",
                    job_title = (string?)null,
                    phone = "+47 22 00 00 00",
                    birthday = "1990-02-28",
                    company_id = company,
                    tags = new[] { "New", " new ", "b" }
                },
        });

        Assert.Equal("completed 3/3, 1 failed", job.JobOutcome());
        foreach (var (id, name) in new[] { (ann, "Ann"), (bob, "Bob") })
        {
            var after = await client.GetAsync(id);
            Assert.Equal((name, "Oslo", null), (after.Text("first_name"), after.Text("city"), after.Text("job_title")));
            Assert.Equal(
                ("+47 22 00 00 00", "1990-02-28", company.ToString()),
                (after.Text("phone"), after.Text("birthday"), after.Text("company_id")));
            Assert.Equal(["New", "b"], after.Tags());
            Assert.Equal(account.UserId.ToString(), after.Text("updated_by"));
        }

        Assert.Equal(before.Text("created_at"), (await client.GetAsync(ann)).Text("created_at"));
        Assert.True(
            (await client.GetAsync(ann)).GetProperty("updated_at").GetDateTimeOffset() > before.GetProperty("updated_at")
            .GetDateTimeOffset());
        Assert.Equal(
            untouched,
            (await client.GetAsync(Guid.Parse(System.Text.Json.JsonDocument.Parse(untouched).RootElement.Text("id")!))).GetRawText());
    }

    [Fact]
    public async Task Update_fails_records_it_would_leave_without_a_name()
    {
        using var client = await app.CreateClientAsync();
        var named = await client.ContactAsync(new { first_name = "Ann", last_name = "Lee" });
        var onlyFirst = await client.ContactAsync(new { first_name = "Bob" });
        var job = await client.RunJobAsync("update", [named, onlyFirst], new { fields = new { first_name = (string?)null } });

        Assert.Equal("completed 2/2, 1 failed", job.JobOutcome());
        Assert.Equal($"1 {onlyFirst} required", await app.FailuresAsync(job.Id()));
        Assert.Equal("Bob", (await client.GetAsync(onlyFirst)).Text("first_name"));
        Assert.Null((await client.GetAsync(named)).Text("first_name"));
    }

    [Fact]
    public async Task A_unique_field_can_be_set_on_one_record_and_only_to_a_free_value()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com", external_id = "a" });
        var bob = await client.ContactAsync(new { email = "bob@example.com" });
        Assert.Equal(
            "completed 1/1, 0 failed",
            (await client.RunJobAsync("update", [bob, bob], new { fields = new { email = "Robert@Example.com" } })).JobOutcome());
        Assert.Equal("Robert@Example.com", (await client.GetAsync(bob)).Text("email"));

        var taken = await client.RunJobAsync("update", [bob], new { fields = new { email = " ANN@example.com", city = "Oslo" } });
        Assert.Equal("completed 1/1, 1 failed", taken.JobOutcome());
        Assert.Equal($"0 {bob} duplicate_value", await app.FailuresAsync(taken.Id()));
        Assert.Null((await client.GetAsync(bob)).Text("city"));

        // A job may clear the field on many records.
        Assert.Equal(
            "completed 2/2, 0 failed",
            (await client.RunJobAsync("update", [ann, bob], new { fields = new { external_id = "", first_name = "X" } })).JobOutcome());
        Assert.Null((await client.GetAsync(ann)).Text("external_id"));
        _ = await client.ContactAsync(new { external_id = "a" });
    }

    [Fact]
    public async Task Tags_are_added_removed_and_set_without_regard_to_case()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann", tags = new[] { "VIP", "old" } });
        var bob = await client.ContactAsync(new { first_name = "Bob" });
        var missing = Guid.CreateVersion7();

        var changed = await client.RunJobAsync(
            "tag", [ann, bob, missing], new { add = new[] { "vip", " New  Tag " }, remove = new[] { "OLD", "none" } });
        Assert.Equal("completed 3/3, 1 failed", changed.JobOutcome());
        Assert.Equal($"2 {missing} not_found", await app.FailuresAsync(changed.Id()));
        Assert.Equal(["VIP", "New Tag"], (await client.GetAsync(ann)).Tags());
        Assert.Equal(["vip", "New Tag"], (await client.GetAsync(bob)).Tags());

        Assert.Equal("completed 2/2, 0 failed", (await client.RunJobAsync("tag", [ann, bob], new { set = new[] { "only" } })).JobOutcome());
        Assert.Equal(["only"], (await client.GetAsync(ann)).Tags());
        Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync("tag", [ann], new { set = Array.Empty<string>() })).JobOutcome());
        Assert.Empty((await client.GetAsync(ann)).Tags());
    }

    [Fact]
    public async Task A_record_keeps_its_tags_when_more_than_a_hundred_would_come_of_it()
    {
        using var client = await app.CreateClientAsync();
        var full = await client.ContactAsync(new { first_name = "Full", tags = Enumerable.Range(0, 100).Select(n => $"t{n}") });
        var free = await client.ContactAsync(new { first_name = "Free" });
        var job = await client.RunJobAsync("tag", [full, free], new { add = new[] { "one more" } });
        Assert.Equal("completed 2/2, 1 failed", job.JobOutcome());
        Assert.Equal($"0 {full} too_long", await app.FailuresAsync(job.Id()));
        Assert.Equal(100, (await client.GetAsync(full)).Tags().Length);
        Assert.Equal(["one more"], (await client.GetAsync(free)).Tags());
    }

    [Fact]
    public async Task Deleting_companies_and_sources_leaves_their_contacts_without_them()
    {
        using var client = await app.CreateClientAsync();
        var company = (await client.PostAsync("companies-create", new { name = "Gone" })).Result.Id();
        var stays = (await client.PostAsync("companies-create", new { name = "Stays" })).Result.Id();
        var source = (await client.PostAsync("sources-create", new { name = "Gone" })).Result.Id();
        var ann = await client.ContactAsync(new { first_name = "Ann", company_id = company, source_id = source });
        var bob = await client.ContactAsync(new { first_name = "Bob", company_id = stays });

        Assert.Equal("completed 2/2, 1 failed", (await client.RunJobAsync("delete", [company, ann], type: "companies")).JobOutcome());
        Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync("delete", [source], type: "sources")).JobOutcome());
        var left = await client.GetAsync(ann);
        Assert.Equal((null, null), (left.Text("company_id"), left.Text("source_id")));
        Assert.Equal(stays.ToString(), (await client.GetAsync(bob)).Text("company_id"));
        Assert.Equal(stays, Assert.Single(await client.RecordsAsync("companies")).Id());
    }
}
