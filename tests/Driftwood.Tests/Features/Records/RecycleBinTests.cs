using System.Net;
using System.Text.Json;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.Tests.Features.Records;

/// <summary>Deleted records are listed with what they held, and come back.</summary>
public sealed class RecycleBinTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    [Fact]
    public async Task Deleted_records_are_listed_the_last_one_first_and_come_back_whole()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "badge", label = "Badge", kind = "text", unique = true })).Result;
        var company = (await client.PostAsync("companies-create", new { name = "Acme" })).Result.Id();
        var ann = await client.ContactAsync(
            new { email = "ann@example.com", tags = new[] { "VIP" }, company_id = company, custom = new { badge = "A1" } });
        var before = await client.GetAsync(ann);
        var bea = await client.ContactAsync(new { email = "bea@example.com" });
        var cid = await client.ContactAsync(new { email = "cid@example.com" });
        _ = (await client.PostAsync("contacts-delete", new { id = bea })).Result;
        var job = await client.RunJobAsync("delete", [ann, cid]);

        var deleted = await client.AllAsync("contacts-deleted-list", new { limit = 1 });

        Assert.Equal(new[] { ann, cid, bea }, deleted.Select(record => record.Id()));
        Assert.Equal(job.Id().ToString(), deleted[0].Text("job_id"));
        Assert.Equal(account.UserId.ToString(), deleted[2].Text("deleted_by"));
        var fields = deleted[0].GetProperty("fields");
        Assert.Equal("ann@example.com", fields.Text("email"));
        Assert.Equal(company.ToString(), fields.Text("company_id"));
        Assert.Equal(("""["VIP"]""", "A1"), (fields.GetProperty("tags").GetRawText(), fields.Text("custom.badge")));

        var restored = await client.FinishJobAsync(
            (await client.PostAsync("contacts-restore", new { ids = new[] { bea, ann, ann } })).Result.Id());

        Assert.Equal("restore completed 2 2/0", Told(restored));
        var results = await client.AllAsync("bulk-jobs-results", new { id = restored.Id() });
        Assert.Equal(["succeeded restored", "succeeded restored"], results.Select(r => $"{r.Text("outcome")} {r.Text("effect")}"));
        Assert.Equal(Without(before, "updated_at"), Without(await client.GetAsync(ann), "updated_at"));
        Assert.Equal(cid, Assert.Single(await client.AllAsync("records-deleted-list", new { record_type = "contacts" })).Id());
        (await client.PostAsync("contacts-create", new { first_name = "Other", custom = new { badge = "A1" } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        // A restore can be taken back.
        var undone = await client.UndoAsync(restored.Id());
        Assert.Equal("undo completed 2 2/0", Told(undone));
        Assert.Equal(3, (await client.AllAsync("contacts-deleted-list", new { })).Select(record => record.Id()).Distinct().Count());
    }

    [Fact]
    public async Task What_cannot_come_back_fails_alone_and_what_is_not_known_is_refused()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com" });
        var bea = await client.ContactAsync(new { email = "bea@example.com" });
        _ = await client.RunJobAsync("delete", [ann, bea]);
        // A deleted record holds no unique value.
        _ = await client.ContactAsync(new { email = "ANN@example.com" });

        var restored = await client.FinishJobAsync((await client.PostAsync(
            "records-restore", new { record_type = "contacts", ids = new[] { ann, bea } })).Result.Id());

        Assert.Equal("restore completed 2 1/1", Told(restored));
        var failure = Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = restored.Id(), outcome = "failed" }));
        Assert.Equal((ann.ToString(), "duplicate_value"), (failure.Text("entity_id"), failure.Text("code")));
        var unknown = Guid.NewGuid();
        var refused = await client.PostAsync("contacts-restore", new { ids = new[] { ann, unknown } });
        refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Contains(unknown.ToString(), Assert.Single(refused.Error.GetProperty("details").EnumerateArray()).Text("message")!);
        (await client.PostAsync("contacts-restore", new { ids = Array.Empty<Guid>() }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        (await client.PostAsync("companies-restore", new { ids = new[] { ann } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        using var other = await app.CreateClientAsync();
        (await other.PostAsync("contacts-restore", new { ids = new[] { ann } }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Empty(await other.AllAsync("contacts-deleted-list", new { }));
    }

    [Fact]
    public async Task All_that_a_job_deleted_comes_back_if_it_is_still_deleted()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 4; i++) ids.Add(await client.ContactAsync(new { email = $"p{i}@example.com" }));
        var job = (await client.RunJobAsync("delete", ids.Take(3))).Id();
        // The first is deleted again by somebody else, and the second is there.
        _ = await client.FinishJobAsync((await client.PostAsync("contacts-restore", new { ids = ids.Take(2) })).Result.Id());
        _ = (await client.PostAsync("contacts-delete", new { id = ids[0] })).Result;
        _ = (await client.PostAsync("contacts-delete", new { id = ids[3] })).Result;

        var wrong = await client.FinishJobAsync((await client.PostAsync("contacts-restore", new { job, expected_count = 2 })).Result.Id());
        Assert.Equal("failed", wrong.Text("status"));
        Assert.StartsWith("count_mismatch: Found 1 records, expected 2.", wrong.Text("error_message"), StringComparison.Ordinal);
        var restored = await client.FinishJobAsync(
            (await client.PostAsync("records-restore", new { record_type = "contacts", job, expected_count = 1 })).Result.Id());

        Assert.Equal("restore completed 1 1/0", Told(restored));
        Assert.Equal(job.ToString(), restored.GetProperty("params").Text("job"));
        Assert.Equal(
            ids[2].ToString(), Assert.Single(await client.AllAsync("bulk-jobs-results", new { id = restored.Id() })).Text("entity_id"));
        Assert.Equal([ids[1], ids[2]], (await client.AllAsync("contacts-list", new { })).Select(record => record.Id()).Order());
        Assert.Equal("restore completed 0 0/0", Told(await client.FinishJobAsync(
            (await client.PostAsync("contacts-restore", new { job })).Result.Id())));
        foreach (var (route, asker) in new[] { ("companies-restore", client), ("contacts-restore", other) })
        {
            var refused = await asker.PostAsync(route, new { job });
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
            Assert.Equal("not_found", Assert.Single(refused.Error.GetProperty("details").EnumerateArray()).Text("code"));
        }
    }

    [Fact]
    public async Task A_filter_finds_deleted_records_by_what_they_held_and_by_their_deletion()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "badge", label = "Badge", kind = "text", unique = true })).Result;
        var ann = await client.ContactAsync(new { email = "ann@example.com", city = "Oslo", tags = new[] { "VIP" } });
        var bea = await client.ContactAsync(new { email = "bea@example.com", city = "oslo", custom = new { badge = "B1" } });
        var cid = await client.ContactAsync(new { email = "cid@example.com", city = "Rome" });
        var job = (await client.RunJobAsync("delete", [ann, cid])).Id();
        _ = (await client.PostAsync("contacts-delete", new { id = bea })).Result;
        var since = (await client.AllAsync("contacts-deleted-list", new { }))[0].Text("deleted_at");
        (object Filter, Guid[] Found)[] cases =
        [
            (Is("email", "eq", "ANN@example.com"), [ann]),
            (Is("tags", "has_any_tag", new[] { "vip" }), [ann]),
            (new { field = "tags", op = "is_blank" }, [bea, cid]),
            (Is("badge", "eq", "B1"), [bea]),
            (Is("deleted_by_job", "eq", job), [ann, cid]),
            (new { field = "deleted_by_job", op = "is_blank" }, [bea]),
            (Is("deleted_by", "eq", account.UserId), [ann, bea, cid]),
            (Is("deleted_at", "gte", since!), [bea]),
            (new { and = new object[] { Is("deleted_at", "lt", since!), new { not = Is("city", "eq", "Rome") } } }, [ann]),
            (Is("id", "in", new[] { cid, Guid.NewGuid() }), [cid]),
        ];
        foreach (var (filter, found) in cases)
        {
            Assert.Equal(found.Order(), (await client.AllAsync("contacts-deleted-list", new { filter })).Select(r => r.Id()).Order());
            var restored = await client.FinishJobAsync((await client.PostAsync("contacts-restore", new { filter })).Result.Id());
            Assert.Equal($"restore completed {found.Length} {found.Length}/0", Told(restored));
            var results = await client.AllAsync("bulk-jobs-results", new { id = restored.Id() });
            Assert.Equal(found.Order(), results.Select(result => Guid.Parse(result.Text("entity_id")!)).Order());
            // The records are deleted again, and the log is as it was.
            _ = await client.UndoAsync(restored.Id());
            await app.ScalarAsync($"delete from changes where account_id = '{account.AccountId}' and job_id <> '{job}'");
        }
    }

    [Fact]
    public async Task A_restore_names_its_records_in_exactly_one_way()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { email = "ann@example.com" });
        _ = (await client.PostAsync("contacts-delete", new { id = ann })).Result;
        Assert.Equal("ids required", await RefusedAsync(new { }));
        Assert.Equal("job conflict", await RefusedAsync(new { ids = new[] { ann }, job = ann }));
        Assert.Equal("filter.field unknown_field", await RefusedAsync(new { filter = Is("updated_at", "gte", "2025-01-01") }));
        Assert.Equal("filter wrong_type", await RefusedAsync(new { filter = "all" }));
        var known = await client.PostAsync("contacts-restore", new { filter = Is("deletedAt", "gte", "2025-01-01") });
        var accepted = known.Error.GetProperty("details")[0].GetProperty("accepted").EnumerateArray().Select(each => each.GetString());
        string?[] some = ["created_at", "deleted_at", "deleted_by", "deleted_by_job", "email"];
        Assert.Equal(some, accepted.Intersect([.. some, "updated_at"]).Order(StringComparer.Ordinal));
        (await client.PostAsync("contacts-restore", new { ids = new[] { ann }, expected_count = 2 }))
            .Expect(HttpStatusCode.Conflict, "count_mismatch");
        (await client.PostAsync("fields-create", new { record_type = "contacts", key = "deleted_at", label = "X", kind = "text" }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        async Task<string> RefusedAsync(object request)
        {
            var answer = await client.PostAsync("contacts-restore", request);
            answer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
            var detail = Assert.Single(answer.Error.GetProperty("details").EnumerateArray());
            return $"{detail.Text("field") ?? detail.Text("path")} {detail.Text("code")}";
        }
    }

    [Fact]
    public async Task A_filtered_list_has_each_record_once_in_the_order_of_the_list_and_is_what_a_restore_finds()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        string?[] cities = ["Oslo", "Rome", "oslo", null];
        List<Held> held = [];
        for (var i = 0; i < 24; i++)
        {
            var (city, tags) = (cities[i % 4], i % 3 == 0 ? new[] { "VIP" } : []);
            held.Add(new Held(await client.ContactAsync(new { email = $"p{i}@example.com", city, tags }), $"p{i}@example.com", city, tags));
        }

        // Two jobs and single requests delete them. Six come back, and four of those are deleted again, one with other values.
        Guid[] ids = [.. held.Select(each => each.Id)];
        var first = (await client.RunJobAsync("delete", ids[..8])).Id();
        var second = (await client.RunJobAsync("delete", ids[8..16])).Id();
        foreach (var id in ids[16..20]) _ = (await client.PostAsync("contacts-delete", new { id })).Result;
        _ = await client.FinishJobAsync((await client.PostAsync("contacts-restore", new { ids = ids[6..12] })).Result.Id());
        _ = (await client.PostAsync("contacts-update", new { id = ids[6], city = "Bergen" })).Result;
        held[6] = held[6] with { City = "Bergen" };
        foreach (var id in ids[6..8]) _ = (await client.PostAsync("contacts-delete", new { id })).Result;
        var third = (await client.RunJobAsync("delete", ids[8..10])).Id();
        // The change log did not keep the values of these records, or an erasure removed them.
        var unkept = new { entity_type = "contacts", operation = "delete", entity_ids = ids[20..22], keep_changes = false };
        _ = await client.RunJobAsync(unkept);
        _ = await client.FinishJobAsync((await client.PostAsync("contacts-erase", new { ids = ids[0..1] })).Result.Id());

        // Without a filter, each deletion is listed. The last ones that were kept are the bin of a filter.
        var log = await client.AllAsync("contacts-deleted-list", new { limit = 3 });
        var bin = log.DistinctBy(record => record.Id()).Where(record => record.GetProperty("fields").EnumerateObject().Any())
            .Select(record => (
                Held: held.Single(each => each.Id == record.Id()), At: record.Text("deleted_at")!, Job: record.Text("job_id")))
            .ToList();
        Assert.Equal(ids[1..10].Concat(ids[12..20]).Order(), bin.Select(record => record.Held.Id).Order());
        Assert.True(log.Length > bin.Count + 2);
        var middle = bin[bin.Count / 2].At;
        (object Filter, Func<Held, string, string?, bool> Holds)[] cases =
        [
            (Is("city", "eq", "Oslo"), (each, _, _) => each.City == "Oslo"),
            (new { not = Is("city", "eq", "Oslo") }, (each, _, _) => each.City != "Oslo"),
            (new { field = "city", op = "is_blank" }, (each, _, _) => each.City is null),
            (Is("city", "ilike", "OSLO"), (each, _, _) => each.City?.ToUpperInvariant() == "OSLO"),
            (Is("tags", "has_tag", "vip"), (each, _, _) => each.Tags.Length > 0),
            (Is("email", "in", new[] { "P6@example.com", "p9@example.com" }),
                (each, _, _) => each.Email is "p6@example.com" or "p9@example.com"),
            (Is("deleted_at", "gte", middle), (_, at, _) => DateTimeOffset.Parse(at) >= DateTimeOffset.Parse(middle)),
            (Is("deleted_at", "lt", middle), (_, at, _) => DateTimeOffset.Parse(at) < DateTimeOffset.Parse(middle)),
            (Is("deleted_by_job", "eq", first), (_, _, job) => job == first.ToString()),
            (Is("deleted_by_job", "in", new[] { second, third }), (_, _, job) => job == second.ToString() || job == third.ToString()),
            (new { field = "deleted_by_job", op = "is_blank" }, (_, _, job) => job is null),
            (Is("deleted_by", "eq", account.UserId), (_, _, _) => true),
            (Is("deleted_by", "ne", account.UserId), (_, _, _) => false),
            (Is("created_by", "eq", account.UserId), (_, _, _) => true),
            (new { or = new object[] { Is("deleted_by_job", "eq", first), Is("city", "eq", "Rome") } },
                (each, _, job) => job == first.ToString() || each.City == "Rome"),
            (new { and = new object[] { new { not = Is("deleted_by_job", "eq", first) }, Is("city", "eq", "Rome") } },
                (each, _, job) => job != first.ToString() && each.City == "Rome"),
        ];
        foreach (var (filter, holds) in cases)
        {
            var found = await client.AllAsync("records-deleted-list", new { record_type = "contacts", filter, limit = 2 });
            Assert.Equal(
                bin.Where(record => holds(record.Held, record.At, record.Job)).Select(record => (record.Held.Id, record.At)),
                found.Select(record => (record.Id(), record.Text("deleted_at")!)));
        }

        var restored = await client.FinishJobAsync((await client.PostAsync(
            "contacts-restore", new { filter = Is("deleted_by", "eq", account.UserId), expected_count = bin.Count })).Result.Id());
        Assert.Equal($"restore completed {bin.Count} {bin.Count}/0", Told(restored));
        Assert.Empty(await client.AllAsync("contacts-deleted-list", new { filter = Is("deleted_by", "eq", account.UserId) }));
    }

    [Fact]
    public async Task A_filter_of_a_custom_type_compares_custom_fields_and_no_other_type_or_account()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        foreach (var each in new[] { client, other })
        {
            _ = (await each.PostAsync("record-types-create", new { key = "projects", name = "Projects" })).Result;
            var budget = new { record_type = "projects", key = "budget", label = "Budget", kind = "decimal" };
            _ = (await each.PostAsync("fields-create", budget)).Result;
        }

        List<Guid> ids = [];
        for (var i = 0; i < 5; i++)
        {
            var fields = new { name = $"P{i}", budget = 10.5 * i };
            ids.Add((await client.PostAsync("records-create", new { record_type = "projects", fields })).Result.Id());
        }

        _ = await client.RunJobAsync("delete", ids, type: "projects");
        var request = new { record_type = "projects", filter = Is("budget", "gte", 21), limit = 1 };

        Assert.Equal(ids[2..], (await client.AllAsync("records-deleted-list", request)).Select(record => record.Id()));
        Assert.Empty(await other.AllAsync("records-deleted-list", request));
        Assert.Empty(await client.AllAsync("records-deleted-list", new { record_type = "contacts", filter = Is("id", "eq", ids[2]) }));
    }

    [Fact]
    public async Task A_cursor_of_a_filtered_list_is_bound_to_its_filter_and_a_wrong_filter_is_refused_with_every_fault()
    {
        using var client = await app.CreateClientAsync();
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++) ids.Add(await client.ContactAsync(new { email = $"p{i}@example.com", city = "Oslo" }));
        _ = await client.RunJobAsync("delete", ids);
        var filter = Is("city", "eq", "Oslo");
        var page = (await client.PostAsync("contacts-deleted-list", new { filter, limit = 1 })).Result;
        var cursor = page.Text("next_cursor");
        object[] others =
        [
            new { cursor }, new { cursor, filter = Is("city", "eq", "Rome") }, new { cursor, filter = Is("city", "ne", "Oslo") },
            new { cursor = (await client.PostAsync("contacts-deleted-list", new { limit = 1 })).Result.Text("next_cursor"), filter },
        ];
        foreach (var request in others)
        {
            var refused = await client.PostAsync("contacts-deleted-list", request);
            refused.Expect(HttpStatusCode.UnprocessableEntity, "invalid_cursor");
        }

        // The general route has the same list.
        Assert.Equal(2, (await client.AllAsync("records-deleted-list", new { record_type = "contacts", cursor, filter })).Length);
        var wrong = await client.PostAsync("contacts-deleted-list", new
        {
            filter = new
            {
                and = new object[] { Is("updated_at", "gte", "2025-01-01"), Is("deleted_at", "eq", "soon"), Is("city", "has", "x") },
            },
        });
        wrong.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(
            ["filter.and[0].field unknown_field", "filter.and[1].value invalid_date", "filter.and[2].op invalid_operator"],
            wrong.Error.GetProperty("details").EnumerateArray().Select(each => $"{each.Text("field")} {each.Text("code")}"));
        Assert.Equal(3, (await client.AllAsync("contacts-deleted-list", new { filter = (object?)null })).Length);
    }

    [Fact]
    public async Task A_list_that_takes_too_long_is_stopped()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync("contacts-delete", new { id = await client.ContactAsync(new { email = "ann@example.com" }) })).Result;
        // Eighty thousand deletions, each compared with a hundred patterns.
        await app.ScalarAsync($$"""
            insert into changes (account_id, id, part, lane, cursor, step, record_type, effect, user_id, record_ids, deleted_contacts)
            select account_id, gen_random_uuid(), 0, 0, 0, 0, record_type, effect, user_id, n.ids,
                   array_fill(
                       jsonb_populate_record(deleted_contacts[1], jsonb_build_object('city', repeat('a', 200))), array[2000])
            from changes cross join (
                select array_agg(gen_random_uuid()) as ids from generate_series(1, 40) a, generate_series(1, 2000) group by a) n
            where account_id = '{{account.AccountId}}' and effect = 'deleted'
            """);
        var field = RecordTypes.Contacts.Find("city")!;
        var filter = Or.Of(Enumerable.Range(0, 100).Select(i => new Comparison(field, FilterOperator.Like, [$"%a%a%a%b{i}%"])));
        await using var database = NpgsqlDataSource.Create(app.ConnectionString);
        var deleted = new DeletedRecords(database) { Timeout = TimeSpan.FromMilliseconds(100) };

        await Assert.ThrowsAsync<RecordQueryTimeoutException>(() => deleted.ReadAsync(
            RecordTypes.Contacts, account.AccountId, filter, null, 10, TestContext.Current.CancellationToken));
    }

    /// <summary>What a contact held when it was deleted.</summary>
    private sealed record Held(Guid Id, string Email, string? City, string[] Tags);

    private static object Is(string field, string op, object value) => new { field, op, value };

    private static string Told(JsonElement job) =>
        $"{job.Text("operation")} {job.Text("status")} {job.Text("total_count")} {job.Text("success_count")}/{job.Text("failed_count")}";

    private static string Without(JsonElement record, string member) => string.Join(
        '\n', record.EnumerateObject().Where(each => each.Name != member).Select(each => $"{each.Name}: {each.Value.GetRawText()}"));
}
