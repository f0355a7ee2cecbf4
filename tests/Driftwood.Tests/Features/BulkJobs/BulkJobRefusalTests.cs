using System.Net;
using Driftwood.Tests.Features.Imports;
using Npgsql;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Tests the requests that bulk-jobs-create refuses. A refusal makes nothing.</summary>
public sealed class BulkJobRefusalTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    private const string Ids = "\"entity_ids\":[\"550e8400-e29b-41d4-a716-446655440000\",\"550e8400-e29b-41d4-a716-446655440001\"]";

    public static TheoryData<string, string> Refusals => new()
    {
        { "{}", "entity_ids: required, entity_type: required, operation: required" },
        { """{"entity_type":"people","operation":"drop",IDS}""", "entity_type: invalid_choice, operation: invalid_choice" },
        { """{"entity_type":"contacts","operation":"delete","entity_ids":[]}""", "entity_ids: out_of_range" },
        { """{"entity_type":"contacts","operation":"delete","entity_ids":null}""", "entity_ids: required" },
        { """{"entity_type":"contacts","operation":"delete","query":7}""", "query: wrong_type" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"query":"city = 'Oslo'","external_ids":["a"]}""",
            "external_ids: conflict, query: conflict" },
        { """{"entity_type":"contacts","operation":"delete","query":"city = 'Oslo'","filter":{"field":"city","op":"is_blank"}}""",
            "query: conflict" },
        { """{"entity_type":"contacts","operation":"delete","external_ids":[]}""", "external_ids: out_of_range" },
        { """{"entity_type":"contacts","operation":"delete","external_ids":["a"," ",null]}""", "external_ids[2]: wrong_type" },
        { """{"entity_type":"contacts","operation":"delete","external_ids":["a"," "]}""", "external_ids[1]: required" },
        { """{"entity_type":"contacts","operation":"delete","external_ids":["\ufeff\u200b"]}""", "external_ids[0]: required" },
        { """{"entity_type":"contacts","operation":"delete","filter":{}}""", "filter.field: required" },
        {
            """
            {"entity_type":"contacts","operation":"delete",
            "filter":{"and":[{"field":"town","op":"eq","value":"Oslo"},{"field":"birthday","op":"lt","value":7}]}}
            """,
            "filter.and[0].field: unknown_field, filter.and[1].value: wrong_type"
        },
        { """{"entity_type":"contacts","operation":"delete","query":""}""", "query: invalid_query" },
        { """{"entity_type":"contacts","operation":"delete","query":"SELECT id FROM companies"}""", "query: invalid_query" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"expected_count":-1}""", "expected_count: out_of_range" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"start":"later"}""", "start: wrong_type" },
        { """{"entity_type":"contacts","operation":"update","external_ids":["a","b"],"params":{"fields":{"email":"same@example.com"}}}""",
            "params.fields.email: not_unique" },
        { """{"entity_type":"contacts","operation":"delete","entity_ids":"all"}""", "entity_ids: wrong_type" },
        { """{"entity_type":"contacts","operation":"delete","entity_ids":["7"]}""", "entity_ids[0]: invalid_uuid" },
        { """{"entity_type":"contacts","operation":"delete","entity_ids":[7,null]}""",
            "entity_ids[0]: wrong_type, entity_ids[1]: wrong_type" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"params":{"force":true}}""", "params.force: unknown_member" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"ids":[]}""", "ids: unknown_member" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"params":[]}""", "params: wrong_type" },
        { """{"entity_type":"contacts","operation":"delete",IDS,"name":""}""", "name: too_long" },
        { """{"entity_type":"contacts","operation":"update",IDS}""", "params.fields: required" },
        { """{"entity_type":"contacts","operation":"update",IDS,"params":{"fields":{}}}""", "params.fields: required" },
        { """{"entity_type":"contacts","operation":"update",IDS,"params":{"city":"Oslo"}}""",
            "params.city: unknown_member, params.fields: required" },
        {
            """
            {"entity_type":"contacts","operation":"update",IDS,
            "params":{"fields":{"account_id":"550e8400-e29b-41d4-a716-446655440000","id":null,"created_at":null}}}
            """,
            "params.fields.account_id: read_only, params.fields.created_at: read_only, params.fields.id: read_only"
        },
        { """{"entity_type":"contacts","operation":"update",IDS,"params":{"fields":{"email":"same@example.com"}}}""",
            "params.fields.email: not_unique" },
        { """{"entity_type":"contacts","operation":"update",IDS,"params":{"fields":{"external_id":"x"}}}""",
            "params.fields.external_id: not_unique" },
        {
            """
            {"entity_type":"contacts","operation":"update",IDS,
            "params":{"fields":{"phone":"call me","birthday":"31.02.1990","city":7}}}
            """,
            "params.fields.birthday: invalid_date, params.fields.city: wrong_type, params.fields.phone: invalid_phone"
        },
        { """{"entity_type":"contacts","operation":"update",IDS,"params":{"fields":{"city":"a\u0000b"}}}""",
            "params.fields.city: invalid_characters" },
        {
            """
            {"entity_type":"contacts","operation":"update",IDS,
            "params":{"fields":{"company_id":"550e8400-e29b-41d4-a716-446655440000"}}}
            """,
            "params.fields.company_id: not_found"
        },
        { """{"entity_type":"companies","operation":"update",IDS,"params":{"fields":{"name":" "}}}""", "params.fields.name: required" },
        { """{"entity_type":"companies","operation":"update",IDS,"params":{"fields":{"employee_count":1.5}}}""",
            "params.fields.employee_count: invalid_integer" },
        { """{"entity_type":"contacts","operation":"tag",IDS}""", "params: required" },
        { """{"entity_type":"contacts","operation":"tag",IDS,"params":{"add":[],"remove":[" "]}}""", "params: required" },
        { """{"entity_type":"contacts","operation":"tag",IDS,"params":{"add":"vip"}}""", "params.add: wrong_type" },
        { """{"entity_type":"contacts","operation":"tag",IDS,"params":{"add":["a"],"set":["b"]}}""", "params: conflict" },
        { """{"entity_type":"contacts","operation":"tag",IDS,"params":{"tags":["a"],"add":["a"]}}""", "params.tags: unknown_member" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refused_with_the_member_named(string body, string details)
    {
        using var client = await app.CreateClientAsync();
        var refused = (await client.PostAsync("bulk-jobs-create", body.Replace("IDS", Ids, StringComparison.Ordinal)))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(details, string.Join(", ", refused.Details.Order(StringComparer.Ordinal)));
        Assert.Empty(await client.AllAsync("bulk-jobs-list", new { }));
    }

    [Fact]
    public async Task Choices_are_told()
    {
        using var client = await app.CreateClientAsync();
        var refused = await client.PostAsync("bulk-jobs-create", $$"""{"entity_type":"people","operation":"drop",{{Ids}}}""");
        Assert.Equal("""["contacts","companies","sources"]""", refused.Detail("entity_type").Text("accepted"));
        Assert.Equal("""["delete","update","tag","create","upsert"]""", refused.Detail("operation").Text("accepted"));
    }

    [Fact]
    public async Task A_hundred_thousand_ids_are_taken_and_one_more_is_not()
    {
        using var client = await app.CreateClientAsync();
        var ids = Enumerable.Range(0, 100_001).Select(_ => Guid.CreateVersion7()).ToArray();
        (await client.CreateJobAsync("delete", ids)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        var created = (await client.CreateJobAsync("delete", ids[1..])).Result;
        Assert.Equal(100_000, created.GetProperty("total_count").GetInt32());
        Assert.Equal("completed 100000/100000, 100000 failed", (await client.FinishJobAsync(created.Id())).JobOutcome());
        Assert.Equal(
            100_000L,
            await app.ScalarAsync(
            $"select count(distinct record_id) from target_failures where job_id = '{created.Id()}' and code = 'not_found'"));
    }

    [Fact]
    public async Task Too_many_jobs_at_once_are_refused_until_one_has_ended()
    {
        using var client = await app.CreateClientAsync();
        using var quiet = await app.CreateClientAsync();
        var contact = await client.ContactAsync(new { first_name = "Held" });
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var held = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using (var hold = new NpgsqlCommand($"select 1 from contacts where id = '{contact}' for update", connection, held))
        {
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        // All requests come at once. No two of them may take the last place together.
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(n => client.CreateJobAsync("tag", [contact], new { add = new[] { $"t{n}" } })));
        var made = answers.Where(answer => answer.Status == HttpStatusCode.OK).Select(answer => answer.Result.Id()).ToArray();
        Assert.Equal(BulkJobsApp.MaxActiveJobs, made.Length);
        foreach (var refused in answers.Where(answer => answer.Status != HttpStatusCode.OK))
        {
            refused.Expect(HttpStatusCode.TooManyRequests, "too_many_jobs");
            Assert.True(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture) > 0);
        }

        var full = (await client.CreateJobAsync("tag", [contact], new { add = new[] { "x" } }))
            .Expect(HttpStatusCode.TooManyRequests, "too_many_jobs");
        Assert.All(made, id => Assert.Contains(id.ToString(), full.Text, StringComparison.Ordinal));
        var others = await quiet.ContactAsync(new { first_name = "Quiet" });
        _ = (await quiet.CreateJobAsync("tag", [others], new { add = new[] { "x" } })).Result;

        await held.RollbackAsync(TestContext.Current.CancellationToken);
        foreach (var id in made) Assert.Equal("completed 1/1, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
        Assert.Equal(3, (await client.GetAsync(contact)).Tags().Length);
        _ = (await client.CreateJobAsync("tag", [contact], new { add = new[] { "x" } })).Result;
    }

    [Fact]
    public async Task A_repeated_create_is_answered_byte_for_byte_and_runs_once()
    {
        using var client = await app.CreateClientAsync();
        var contact = await client.ContactAsync(new { first_name = "Once" });
        var body = new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact } };
        var first = await client.PostAsync("bulk-jobs-create", body, ("Idempotency-Key", "job-1"));
        _ = await client.FinishJobAsync(first.Result.Id());
        var again = await client.PostAsync("bulk-jobs-create", body, ("Idempotency-Key", "job-1"));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal("true", again.Header("Idempotent-Replayed"));
        Assert.Single(await client.AllAsync("bulk-jobs-list", new { }));
        (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { Guid.NewGuid() } },
            ("Idempotency-Key", "job-1")))
            .Expect(HttpStatusCode.UnprocessableEntity, "idempotency_mismatch");
    }
}
