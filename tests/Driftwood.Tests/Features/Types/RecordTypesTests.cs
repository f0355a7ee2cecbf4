using System.Net;
using System.Text.Json;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Tests.Features.Fields;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Types;

public sealed class RecordTypesTests(FieldsApp app) : IClassFixture<FieldsApp>
{
    [Fact]
    public async Task A_type_is_answered_whole_with_its_fields()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var created = (await client.PostAsync("record-types-create", new { key = "support_tickets", name = " Tickets " })).Result;

        string[] members =
        [
            "key", "name", "built_in", "name_is_unique", "name_is_autonumber", "autonumber_pattern", "fields", "match_fields",
                "created_at", "created_by", "updated_at", "updated_by",
        ];
        Assert.Equal(members, created.EnumerateObject().Select(member => member.Name));
        Assert.Equal("Tickets", created.GetProperty("name").GetString());
        Assert.False(created.GetProperty("built_in").GetBoolean());
        Assert.Equal(JsonValueKind.Null, created.GetProperty("autonumber_pattern").ValueKind);
        Assert.Equal("""["name","external_id","id"]""", created.GetProperty("match_fields").GetRawText());
        Assert.Equal(account.UserId, created.GetProperty("created_by").GetGuid());
        Assert.Equal(created.GetRawText(), (await GetAsync(client, "support_tickets")).GetRawText());

        await client.CreateFieldAsync("code", "datetime", "support_tickets", unique: true);
        var extended = await GetAsync(client, "support_tickets");
        Assert.Equal(
            ["external_id", "name", "tags", "code"],
            extended.GetProperty("fields").EnumerateArray().Select(field => field.GetProperty("key").GetString()!));
        Assert.Equal(
            """{"key":"code","label":"Code","kind":"datetime","required":false,"unique":true,"custom":true,"""
                + "\"read_only\":false,\"options\":[]}",
            extended.GetProperty("fields")[3].GetRawText());
        Assert.Equal("""["name","external_id","code","id"]""", extended.GetProperty("match_fields").GetRawText());
    }

    [Fact]
    public async Task Autonumbered_names_are_read_only_and_have_a_pattern()
    {
        using var client = await app.CreateClientAsync();
        var byDefault = (
            await client.PostAsync("record-types-create", new { key = "job_orders", name = "Orders", name_is_autonumber = true })).Result;
        Assert.Equal("JOB_ORDERS-{0000}", byDefault.GetProperty("autonumber_pattern").GetString());
        Assert.True(byDefault.GetProperty("name_is_autonumber").GetBoolean());
        Assert.True(
            byDefault.GetProperty("fields").EnumerateArray().Single(field => field.GetProperty("key").GetString() == "name")
            .GetProperty("read_only").GetBoolean());
        var given = (
            await client.PostAsync(
            "record-types-create",
            new { key = "bikes", name = "Bikes", name_is_autonumber = true, autonumber_pattern = "No. {000}" })).Result;
        Assert.Equal("No. {000}", given.GetProperty("autonumber_pattern").GetString());
    }

    [Fact]
    public async Task Lists_have_the_built_in_ones_first_and_page()
    {
        using var client = await app.CreateClientAsync();
        foreach (var key in new[] { "zebras", "bikes", "aunts" })
        {
            _ = (await client.PostAsync("record-types-create", new { key, name = key })).Result;
        }
        List<string> seen = [];
        string? cursor = null;
        do
        {
            var page = (await client.PostAsync("record-types-list", new { limit = 2, cursor })).Result;
            seen.AddRange(
                page.GetProperty("items").EnumerateArray()
                .Select(type => $"{type.GetProperty("key").GetString()} {type.GetProperty("built_in").GetBoolean()}"));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(["contacts True", "companies True", "sources True", "aunts False", "bikes False", "zebras False"], seen);
    }

    [Fact]
    public async Task A_built_in_type_has_no_stamps_and_shows_custom_fields()
    {
        using var client = await app.CreateClientAsync();
        await client.CreateFieldAsync("tier", type: "sources");
        var sources = await GetAsync(client, "sources");
        Assert.Equal("Sources", sources.GetProperty("name").GetString());
        Assert.True(sources.GetProperty("built_in").GetBoolean());
        Assert.True(sources.GetProperty("name_is_unique").GetBoolean());
        foreach (var stamp in new[] { "created_at", "created_by", "updated_at", "updated_by" })
        {
            Assert.Equal(JsonValueKind.Null, sources.GetProperty(stamp).ValueKind);
        }
        Assert.Contains(
            sources.GetProperty("fields").EnumerateArray(), field =>
            field.GetProperty("key").GetString() == "tier" && field.GetProperty("custom").GetBoolean());
        (await client.PostAsync("record-types-update", new { key = "sources", name = "Origins" }))
            .Expect(HttpStatusCode.Conflict, "built_in");
        (await client.PostAsync("record-types-delete", new { key = "sources" })).Expect(HttpStatusCode.Conflict, "built_in");
    }

    [Fact]
    public async Task A_type_can_be_renamed_even_to_its_own_name_in_other_case()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        Assert.Equal(
            "TICKETS",
            (await client.PostAsync("record-types-update", new { key = "tickets", name = "TICKETS" })).Result.GetProperty("name")
            .GetString());
        Assert.Equal(
            "Cases",
            (await client.PostAsync("record-types-update", new { key = "tickets", name = "Cases" })).Result.GetProperty("name")
            .GetString());
        Assert.Equal(
            "Cases",
            (await client.PostAsync("record-types-update", new { key = "tickets", name = (string?)null })).Result.GetProperty("name")
            .GetString());
    }

    [Theory]
    [InlineData("""{"key": "tickets", "name": "Others"}""")]
    [InlineData("""{"key": "others", "name": " support  CASES"}""")]
    [InlineData("""{"key": "others", "name": "TICKETS"}""")]
    [InlineData("""{"key": "contacts_of_old", "name": "contacts"}""")]
    [InlineData("""{"key": "bikes", "name": "Cycles"}""")]
    public async Task A_key_or_name_of_another_type_is_taken(string body)
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Support Cases" })).Result;
        _ = (await client.PostAsync("record-types-create", new { key = "velos", name = "Bikes" })).Result;
        (await client.PostAsync("record-types-create", body)).Expect(HttpStatusCode.Conflict, "already_exists");
        (await client.PostAsync("record-types-update", new { key = "velos", name = "Tickets" }))
            .Expect(HttpStatusCode.Conflict, "already_exists");
    }

    [Fact]
    public async Task Of_sixteen_creates_of_one_key_or_name_at_once_one_succeeds()
    {
        using var client = await app.CreateClientAsync();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16)
            .Select(i => client.PostAsync("record-types-create", new { key = i % 2 == 0 ? "tickets" : $"tickets{i}", name = "Tickets" })));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(
            answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
            answer.Expect(HttpStatusCode.Conflict, "already_exists"));
    }

    [Fact]
    public async Task A_type_with_records_or_unfinished_jobs_stays()
    {
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        await client.CreateFieldAsync("code", type: "tickets");
        await app.AddRecordAsync(account, "tickets", "Leak", "leak");
        var one = (await client.PostAsync("record-types-delete", new { key = "tickets" })).Expect(HttpStatusCode.Conflict, "has_records");
        Assert.Equal(
            "Found 1 record of tickets, expected none; delete them first, with a bulk job.", one.Error.GetProperty("message").GetString());
        await app.ExecuteAsync(
            """
            insert into custom_records (account_id, type_id, id, name, name_key, created_at, created_by, updated_at, updated_by)
            select account_id, id, gen_random_uuid(), 'n', 'n', now(), created_by, now(), created_by
                from record_types, generate_series(1, 1000) where account_id = @account
            """,
            ("account", account.AccountId));
        var many = (await client.PostAsync("record-types-delete", new { key = "tickets" })).Expect(HttpStatusCode.Conflict, "has_records");
        Assert.Contains("more than 1,000 records", many.Error.GetProperty("message").GetString(), StringComparison.Ordinal);

        var job = Guid.CreateVersion7();
        await app.ExecuteAsync(
            """
            delete from custom_records where account_id = @account;
            insert into jobs (account_id, id, kind, record_type, status, created_by)
                values (@account, @job, 'bulk', 'tickets', 'pending', @user);
            """,
            ("account", account.AccountId), ("user", account.UserId), ("job", job));
        var busy = (await client.PostAsync("record-types-delete", new { key = "tickets" })).Expect(HttpStatusCode.Conflict, "has_jobs");
        Assert.Contains(job.ToString(), busy.Error.GetProperty("message").GetString(), StringComparison.Ordinal);

        await app.ExecuteAsync("update jobs set status = 'cancelled' where id = @job", ("job", job));
        Assert.Equal(
            """{"key":"tickets","deleted":true}""",
            (await client.PostAsync("record-types-delete", new { key = "tickets" })).Result.GetRawText());
        (await client.PostAsync("record-types-get", new { key = "tickets" })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Empty(await client.KeysAsync(new { }));
        Assert.Empty(
            await app.RowsAsync("select record_type from record_schemas where account_id = @account", ("account", account.AccountId)));
    }

    [Fact]
    public async Task A_create_that_is_sent_again_after_its_type_is_gone_has_its_first_answer()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        var request = new { entity_type = "tickets", operation = "delete", entity_ids = new[] { Guid.CreateVersion7() }, start = false };
        var key = ("Idempotency-Key", "same");
        var first = await client.PostAsync("bulk-jobs-create", request, key);
        _ = (await client.PostAsync("bulk-jobs-cancel", new { id = first.Result.Id() })).Result;
        _ = (await client.PostAsync("record-types-delete", new { key = "tickets" })).Result;

        var again = await client.PostAsync("bulk-jobs-create", request, key);

        Assert.Equal((first.Text, "true"), (again.Text, again.Header("Idempotent-Replayed")));
        (await client.PostAsync("bulk-jobs-create", request, ("Idempotency-Key", "other")))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        (await client.PostAsync("bulk-jobs-create", request)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
    }

    [Fact]
    public async Task A_type_made_anew_under_the_key_has_no_fields()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        var field = await client.CreateFieldAsync("code", type: "tickets");
        _ = (await client.PostAsync("fields-delete", new { id = field.Id() })).Result;
        _ = (await client.PostAsync("record-types-delete", new { key = "tickets" })).Result;
        var anew = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        Assert.Equal(3, anew.GetProperty("fields").GetArrayLength());
    }

    [Theory]
    [InlineData("""{}""", "key: required", "name: required")]
    [InlineData("""{"key": "Tickets", "name": "T"}""", "key: invalid_key")]
    [InlineData("""{"key": "_tickets", "name": "T"}""", "key: invalid_key")]
    [InlineData("""{"key": "tickets\n", "name": "T"}""", "key: invalid_key")]
    [InlineData("""{"key": "contacts", "name": "T"}""", "key: reserved")]
    [InlineData("""{"key": "tickets", "name": " "}""", "name: out_of_range")]
    [InlineData("""{"key": "tickets", "name": "T", "autonumber_pattern": "T-{0}"}""", "autonumber_pattern: not_applicable")]
    [InlineData(
        """{"key": "tickets", "name": "T", "name_is_autonumber": true, "autonumber_pattern": "T-0"}""",
        "autonumber_pattern: invalid_pattern")]
    [InlineData(
        """{"key": "tickets", "name": "T", "name_is_autonumber": true, "autonumber_pattern": "{0}{0}"}""",
        "autonumber_pattern: invalid_pattern")]
    public async Task Refuses_a_type(string body, params string[] details)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(
            details,
            (await client.PostAsync("record-types-create", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task Refuses_the_nouns_of_all_routes()
    {
        using var client = await app.CreateClientAsync();
        var routes = app.Services.GetRequiredService<EndpointDataSource>().Endpoints.Select(
            endpoint => endpoint.Metadata.GetMetadata<RpcRoute>()?.Name).OfType<string>().ToList();
        Assert.NotEmpty(routes);
        foreach (var route in routes)
        {
            // Takes all words except the verb. The verb is the last word, or the last two words of an imports route.
            var words = route.Split('-');
            var nouns = words.Length == 1 ? [route]
                : new[] { 1, 2 }.Where(verb => verb < words.Length).Select(verb => string.Join('_', words[..^verb]));
            var refused = await Task.WhenAll(nouns.Select(key => client.PostAsync("record-types-create", new { key, name = key })));
            Assert.Contains(refused, answer => answer.Status == HttpStatusCode.UnprocessableEntity && answer.Details is ["key: reserved"]);
        }
    }

    [Fact]
    public async Task An_account_has_at_most_100_types()
    {
        using var client = await app.CreateClientAsync();
        for (var i = 0; i < 100; i++) _ = (await client.PostAsync("record-types-create", new { key = $"t{i}", name = $"Type {i}" })).Result;
        (await client.PostAsync("record-types-create", new { key = "t100", name = "Type 100" }))
            .Expect(HttpStatusCode.Conflict, "too_many_record_types");
        _ = (await client.PostAsync("record-types-delete", new { key = "t7" })).Result;
        _ = (await client.PostAsync("record-types-create", new { key = "t100", name = "Type 100" })).Result;
    }

    [Fact]
    public async Task Another_accounts_type_answers_like_one_that_never_was()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        _ = (await other.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        foreach (var route in new[] { "record-types-get", "record-types-update", "record-types-delete" })
        {
            var found = (await client.PostAsync(route, new { key = "tickets" })).Expect(HttpStatusCode.NotFound, "not_found");
            Assert.Equal("There is no record type tickets.", found.Error.GetProperty("message").GetString());
        }

        Assert.Equal(
            ["record_type: invalid_choice"],
            (await client.PostAsync("fields-create", new { record_type = "tickets", key = "code", kind = "text" })).Details);
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
    }

    private static async Task<JsonElement> GetAsync(HttpClient client, string key) =>
        (await client.PostAsync("record-types-get", new { key })).Result;
}
