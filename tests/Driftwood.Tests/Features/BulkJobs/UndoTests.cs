using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Imports and bulk jobs taken back over HTTP.</summary>
public sealed class UndoTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task An_import_taken_back_leaves_the_records_as_they_were()
    {
        using var client = await app.CreateClientAsync();
        var existing = await client.ContactAsync(new { email = "existing35@example.com", first_name = "Before", city = "Oslo" });
        var import = await client.ImportAsync(
            "email,first_name,city\nexisting35@example.com,After,Bergen\nnew35a@example.com,New,Rome\nnew35b@example.com,Newer,\n",
            new { duplicate_strategy = "merge" });
        Assert.Equal(
            ["new35a@example.com", "new35b@example.com"],
            await AddressesAsync(client, new { field = "created_by_job", op = "eq", value = import.Id() }));
        Assert.Equal(3, (await AddressesAsync(client, new { field = "changed_by_job", op = "eq", value = import.Id() })).Count);
        Assert.Equal(
            ["existing35@example.com"], await AddressesAsync(client, new { field = "created_by_job", op = "ne", value = import.Id() }));
        Assert.Equal(["existing35@example.com"], await AddressesAsync(client, new { field = "created_by_job", op = "is_blank" }));

        var undo = await client.UndoAsync(import.Id());

        Assert.Equal("completed 3/3, 0 failed", undo.JobOutcome());
        Assert.Equal(("undo", import.Id().ToString()), (undo.Text("operation"), undo.Text("undoes_job_id")));
        Assert.Equal(("0", "3"), (undo.Text("kept_count"), undo.Text("success_count")));
        var left = Assert.Single(await client.RecordsAsync());
        Assert.Equal((existing, "Before", "Oslo"), (left.Id(), left.Text("first_name"), left.Text("city")));
        Assert.Equal(["removed", "removed", "restored"], (await ResultsAsync(client, undo)).Select(each => each.Text("effect")).Order());
    }

    [Fact]
    public async Task Deleted_companies_come_back_with_their_ids_tags_and_links()
    {
        using var client = await app.CreateClientAsync();
        var company = (await client.PostAsync(
            "companies-create", new { name = "Acme", domain = "acme.com", tags = new[] { "Big One" }, annual_revenue = 1.50 })).Result;
        var contact = await client.ContactAsync(new { first_name = "Ann", company_id = company.Id() });
        var delete = await client.RunJobAsync("delete", [company.Id()], type: "companies");
        Assert.Null((await client.GetAsync(contact)).Text("company_id"));

        var undo = await client.UndoAsync(delete.Id());

        Assert.Equal("completed 2/2, 0 failed", undo.JobOutcome());
        var back = await client.GetAsync(company.Id(), "companies");
        foreach (var member in new[] { "id", "name", "domain", "tags", "annual_revenue", "created_at", "created_by" })
        {
            Assert.Equal(company.GetProperty(member).GetRawText(), back.GetProperty(member).GetRawText());
        }

        Assert.Equal(company.Id().ToString(), (await client.GetAsync(contact)).Text("company_id"));
    }

    [Fact]
    public async Task A_field_that_somebody_has_changed_since_stays_and_is_named()
    {
        using var client = await app.CreateClientAsync();
        var (ann, bob) = (
            await client.ContactAsync(new { first_name = "Ann", city = "Oslo", job_title = "CEO" }),
            await client.ContactAsync(new { first_name = "Bob", city = "Oslo", job_title = "CEO" }));
        var update = await client.RunJobAsync("update", [ann, bob], new { fields = new { city = "Rome", job_title = "CTO" } });
        _ = (await client.PostAsync("contacts-update", new { id = ann, city = "Bergen" })).Result;

        var undo = await client.UndoAsync(update.Id());

        Assert.Equal("completed 2/2, 0 failed", undo.JobOutcome());
        Assert.Equal(("1", "1"), (undo.Text("kept_count"), undo.Text("success_count")));
        Assert.Equal(("Bergen", "CEO"), Places(await client.GetAsync(ann)));
        Assert.Equal(("Oslo", "CEO"), Places(await client.GetAsync(bob)));
        var kept = Assert.Single(await ResultsAsync(client, undo, "kept"));
        Assert.Equal(
            (ann.ToString(), "kept", "Changed since: city."), (kept.Text("entity_id"), kept.Text("outcome"), kept.Text("message")));
        Assert.Equal(bob.ToString(), Assert.Single(await ResultsAsync(client, undo, "succeeded")).Text("entity_id"));
        Assert.Empty(await ResultsAsync(client, undo, "failed"));
        var csv = (await client.PostAsync("bulk-jobs-results-csv", new { id = undo.Id() })).Text;
        Assert.Contains($"{ann},,kept,kept,Changed since: city.,", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_whose_address_another_one_has_by_now_does_not_come_back()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com" });
        var delete = await client.RunJobAsync("delete", [ann]);
        _ = await client.ContactAsync(new { email = "ANN@example.com" });

        var undo = await client.UndoAsync(delete.Id());

        Assert.Equal("completed 1/1, 1 failed", undo.JobOutcome());
        var failed = Assert.Single(await ResultsAsync(client, undo, "failed"));
        Assert.Equal(
            ("duplicate_value", "email: Another record has this value by now; it must be unique."),
            (failed.Text("code"), failed.Text("message")));
        Assert.Single(await client.RecordsAsync());
    }

    [Fact]
    public async Task Unique_values_of_custom_fields_go_and_come_with_their_records()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "member", label = "Member", kind = "text", unique = true })).Result;
        var ann = await client.ContactAsync(new { first_name = "Ann", custom = new { member = "M-1" } });
        var update = await client.RunJobAsync("update", [ann], new { fields = new { member = "M-2" } });
        _ = await client.UndoAsync(update.Id());
        Assert.Equal("M-1", (await client.GetAsync(ann)).GetProperty("custom").Text("member"));
        (await client.PostAsync("contacts-create", new { first_name = "Bob", custom = new { member = "M-1" } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        var bob = await client.ContactAsync(new { first_name = "Bob", custom = new { member = "M-2" } });

        var delete = await client.RunJobAsync("delete", [ann]);
        _ = (await client.PostAsync("contacts-update", new { id = bob, custom = new { member = "M-1" } })).Result;
        var failed = Assert.Single(await ResultsAsync(client, await client.UndoAsync(delete.Id()), "failed"));
        Assert.Equal("duplicate_value", failed.Text("code"));
    }

    [Fact]
    public async Task An_undo_can_be_undone_and_a_job_is_undone_once()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann", city = "Oslo" });
        var update = await client.RunJobAsync("update", [ann], new { fields = new { city = "Rome" } });
        var undo = await client.UndoAsync(update.Id());
        var refused = (await client.PostAsync("jobs-undo", new { id = update.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");
        Assert.Contains($"The job {undo.Id()}, which undoes this one, is completed.", refused.Text, StringComparison.Ordinal);

        _ = await client.UndoAsync(undo.Id());

        Assert.Equal("Rome", (await client.GetAsync(ann)).Text("city"));
        _ = await client.UndoAsync(update.Id());
        Assert.Equal("Oslo", (await client.GetAsync(ann)).Text("city"));
    }

    [Fact]
    public async Task A_dry_run_tells_what_the_undo_would_do_and_changes_nothing()
    {
        using var client = await app.CreateClientAsync();
        var (ann, bob, cid) = (
            await client.ContactAsync(new { first_name = "Ann", city = "Oslo", job_title = "CEO" }),
            await client.ContactAsync(new { first_name = "Bob", city = "Oslo" }),
            await client.ContactAsync(new { first_name = "Cid", city = "Oslo" }));
        var update = await client.RunJobAsync("update", [ann, bob, cid], new { fields = new { city = "Rome", job_title = "CTO" } });
        _ = (await client.PostAsync("contacts-update", new { id = ann, city = "Bergen" })).Result;
        _ = (await client.PostAsync("contacts-delete", new { id = cid })).Result;
        var before = await client.RecordsAsync();

        var dry = await client.UndoAsync(update.Id(), dryRun: true);

        Assert.Equal("completed 3/3, 1 failed", dry.JobOutcome());
        Assert.Equal(("undo", "true", "1", "1"), (
            dry.Text("operation"), dry.GetProperty("dry_run").GetRawText(), dry.Text("kept_count"), dry.Text("success_count")));
        Assert.Equal(before.Select(record => record.GetRawText()), (await client.RecordsAsync()).Select(record => record.GetRawText()));
        Assert.Equal(
            "0", await app.ScalarAsync($"select count(*)::text from changes where job_id = '{dry.Id()}' and effect <> 'would_update'"));
        Assert.Equal(
            ["failed not_found", """kept Changed since: city. ["job_title"]""", """restored ["job_title","city"]"""],
            (await ResultsAsync(client, dry)).Select(Told).Order(StringComparer.Ordinal));
        var refused = (await client.PostAsync("jobs-undo", new { id = dry.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");
        Assert.Contains("The job is a dry run and has changed nothing.", refused.Text, StringComparison.Ordinal);

        _ = await client.UndoAsync(update.Id(), dryRun: true);
        var undo = await client.UndoAsync(update.Id());
        Assert.False(undo.TryGetProperty("dry_run", out _));
        Assert.Equal(
            (await ResultsAsync(client, dry)).Select(Told), (await ResultsAsync(client, undo)).Select(Told));
        Assert.Equal(("Bergen", "CEO"), Places(await client.GetAsync(ann)));
        (await client.PostAsync("jobs-undo", new { id = update.Id(), dry_run = true })).Expect(HttpStatusCode.Conflict, "not_undoable");
        // A dry run of the undo's undo does not free the job for another undo.
        _ = await client.UndoAsync(undo.Id(), dryRun: true);
        (await client.PostAsync("jobs-undo", new { id = update.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");

        static string Told(JsonElement result) => result.Text("outcome") switch
        {
            "failed" => $"failed {result.Text("code")}",
            "kept" => $"kept {result.Text("message")} {result.GetProperty("changed").GetRawText()}",
            _ => $"{result.Text("effect")} {result.GetProperty("changed").GetRawText()}",
        };
    }

    [Fact]
    public async Task A_dry_run_sees_what_changes_of_the_job_decide_about_each_other()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "member", label = "Member", kind = "text", unique = true })).Result;
        var ann = await client.ContactAsync(new { email = "ann@example.com", custom = new { member = "M-1" } });
        // The new records have the values that another record gave up, and are changed again.
        var items = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "upsert",
            items = new object[]
            {
                new { email = "ann@example.com", custom = new { member = "M-2" }, external_id = "a" },
                new { email = "bob@example.com", custom = new { member = "M-1" }, city = "Oslo" },
                new { email = "bob@example.com", city = "Rome" },
            },
        });
        Assert.Equal("completed 3/3, 0 failed", items.JobOutcome());
        var import = await client.ImportAsync(
            "email,company_name\ncid@example.com,Acme\ndee@example.com,Acme\n", new { link_companies = "create" });

        foreach (var job in new[] { import.Id(), items.Id() })
        {
            var dry = await client.UndoAsync(job, dryRun: true);
            var undo = await client.UndoAsync(job);
            Assert.Equal(undo.JobOutcome(), dry.JobOutcome());
            Assert.Equal("0", dry.Text("kept_count"));
            Assert.Equal("0", dry.Text("failed_count"));
            Assert.Equal(
                (await ResultsAsync(client, undo)).Select(result => result.Text("effect")),
                (await ResultsAsync(client, dry)).Select(result => result.Text("effect")));
        }

        Assert.Equal(ann, Assert.Single(await client.RecordsAsync()).Id());
    }

    [Fact]
    public async Task A_dry_run_that_meets_a_unique_value_of_others_still_sees_what_its_changes_decide()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "member", label = "Member", kind = "text", unique = true })).Result;
        foreach (var (name, member) in new[] { ("ann", "M-1"), ("cid", "M-3"), ("dee", "M-5"), ("eve", "M-7") })
            _ = await client.ContactAsync(new { email = $"{name}@example.com", custom = new { member } });
        var items = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "upsert",
            items = new object[]
            {
                new { email = "ann@example.com", custom = new { member = "M-2" } },
                new { email = "cid@example.com", custom = new { member = "M-4" } },
                new { email = "dee@example.com", custom = new { member = "M-6" } },
                new { email = "eve@example.com", custom = new { member = "M-8" } },
                new { email = "bob@example.com", custom = new { member = "M-1" } },
                new { email = "flo@example.com", custom = new { member = "M-7" } },
            },
        });
        Assert.Equal("completed 6/6, 0 failed", items.JobOutcome());
        // Two values are taken by others. Each of their targets is then tried alone, and the values that the new records free count.
        foreach (var member in new[] { "M-3", "M-5" }) _ = await client.ContactAsync(new { first_name = "X", custom = new { member } });

        var dry = await client.UndoAsync(items.Id(), dryRun: true);
        var undo = await client.UndoAsync(items.Id());

        Assert.Equal("completed 6/6, 2 failed", undo.JobOutcome());
        Assert.Equal("completed 6/6, 2 failed", dry.JobOutcome());
        Assert.Equal((await ResultsAsync(client, undo)).Select(Told), (await ResultsAsync(client, dry)).Select(Told));

        static string Told(JsonElement result) =>
            $"{result.Text("entity_id")} {result.Text("outcome")} {result.Text("effect")} {result.Text("code")} {result.Text("message")} "
            + result.GetProperty("changed").GetRawText();
    }

    [Fact]
    public async Task What_cannot_be_undone_says_why()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann" });
        (await client.PostAsync("jobs-undo", new { id = Guid.CreateVersion7() })).Expect(HttpStatusCode.NotFound, "not_found");
        var pending = (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { ann }, start = false }))
            .Result.Id();
        (await other.PostAsync("jobs-undo", new { id = pending })).Expect(HttpStatusCode.NotFound, "not_found");
        var refused = (await client.PostAsync("jobs-undo", new { id = pending })).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Contains("The job is pending; only a job that has ended can be undone.", refused.Text, StringComparison.Ordinal);

        var forgetful = await client.RunJobAsync(new
        {
            entity_type = "contacts",
            operation = "update",
            entity_ids = new[] { ann },
            keep_changes = false,
            @params = new { fields = new { city = "Rome" } },
        });
        (await client.PostAsync("jobs-undo", new { id = forgetful.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");
        var dryRun = await client.ImportAsync("email\na@example.com\n", new { dry_run = true });
        (await client.PostAsync("jobs-undo", new { id = dryRun.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");
        var unkept = await client.ImportAsync("email\nb@example.com\n", new { keep_changes = false });
        (await client.PostAsync("jobs-undo", new { id = unkept.Id() })).Expect(HttpStatusCode.Conflict, "not_undoable");
        Assert.Equal(
            "0",
            (await app.ScalarAsync($"select count(details)::text from changes where job_id in ('{forgetful.Id()}', '{unkept.Id()}')"))!);
        (await client.PostAsync("bulk-jobs-create", new { entity_type = "contacts", operation = "undo", entity_ids = new[] { ann } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    private static (string? City, string? Title) Places(JsonElement contact) => (contact.Text("city"), contact.Text("job_title"));

    private static async Task<IReadOnlyList<JsonElement>> ResultsAsync(HttpClient client, JsonElement job, string? outcome = null) =>
        await client.AllAsync("bulk-jobs-results", new { id = job.Id(), outcome });

    private static async Task<List<string>> AddressesAsync(HttpClient client, object filter) =>
        [.. (await client.AllAsync("contacts-list", new { filter })).Select(record => record.Text("email")!).Order(StringComparer.Ordinal)];
}
