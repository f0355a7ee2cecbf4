using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests what Knock's bulk requests become.</summary>
public sealed class KnockBulkTests(KnockApp app) : IClassFixture<KnockApp>
{
    [Fact]
    public async Task An_operation_has_the_documented_members_in_their_order()
    {
        using var client = await app.CreateClientAsync();
        var answer = await client.KnockAsync("POST", "users/bulk/identify", """{"users":[{"id":"u1"},{"id":"u2"}]}""");
        Assert.Equal("application/json; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.Equal(
            [
                "__typename", "id", "name", "status", "estimated_total_rows", "processed_rows", "success_count", "error_count",
                "error_items", "progress_path", "inserted_at", "updated_at", "started_at", "completed_at", "failed_at",
            ],
            answer.Body.Names());
        var id = answer.Body.GetProperty("id").GetGuid();
        Assert.Equal(
            $$"""{"__typename":"BulkOperation","name":"users.identify","status":"queued","progress_path":"/v1/bulk_operations/{{id}}"}""",
            JsonSerializer.Serialize(new
            {
                __typename = answer.Body.GetProperty("__typename"),
                name = answer.Body.GetProperty("name"),
                status = answer.Body.GetProperty("status"),
                progress_path = answer.Body.GetProperty("progress_path"),
            }));
        foreach (var member in new[] { "started_at", "completed_at", "failed_at" })
            Assert.Equal(JsonValueKind.Null, answer.Body.GetProperty(member).ValueKind);
        Assert.Equal("completed 2/2, 0 failed", (await client.FinishJobAsync(id)).JobOutcome());
        var done = (await client.KnockAsync("GET", $"bulk_operations/{id}")).Body;
        Assert.Equal("completed 2/2, 2 succeeded, 0 failed", done.Outcome());
        Assert.Equal(JsonValueKind.String, done.GetProperty("completed_at").ValueKind);
        Assert.Equal(JsonValueKind.String, done.GetProperty("started_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, done.GetProperty("failed_at").ValueKind);
    }

    [Fact]
    public async Task Users_are_contacts_and_identifying_merges()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "source_created_at", kind = "datetime" })).Result;
        var user = new
        {
            id = "u1",
            name = "  Ann Mary\t Lee ",
            email = "ann@example.com",
            phone_number = "+47 22 33 44 55",
            city = "Oslo",
            created_at = "2020-01-02T03:04:05Z",
            channel_data = new { },
            preferences = (string?)null,
        };
        await client.RunKnockAsync("users/bulk/identify", new { users = new[] { user } });
        var merged = await client.RunKnockAsync("users/bulk/identify", """{"users":[{"id":"u1","job_title":"CEO","city":null}]}""");
        Assert.Equal("completed 1/1, 1 succeeded, 0 failed", merged.Outcome());
        var contact = (await client.PostAsync("contacts-list", new { })).Result.GetProperty("items")[0];
        Assert.Equal(
            ["u1", "Ann Mary", "Lee", "ann@example.com", "CEO", null, "2020-01-02T03:04:05Z"],
            new[]
            {
                contact.GetProperty("external_id"), contact.GetProperty("first_name"), contact.GetProperty("last_name"),
                contact.GetProperty("email"), contact.GetProperty("job_title"), contact.GetProperty("city"),
                contact.GetProperty("custom").GetProperty("source_created_at"),
            }.Select(value => value.GetString()));
        var read = (await client.KnockAsync("GET", "users/u1")).Body;
        Assert.Equal(
            ["__typename", "id", "name", "email", "phone_number", "created_at", "updated_at", "job_title"], read.Names());
        Assert.Equal("User u1 Ann Mary Lee", $"{read.GetProperty("__typename")} {read.GetProperty("id")} {read.GetProperty("name")}");

        await client.RunKnockAsync("users/bulk/identify", """{"users":[{"id":"u1","name":"Cher"}]}""");
        contact = (await client.PostAsync("contacts-list", new { })).Result.GetProperty("items")[0];
        Assert.Equal("Cher ", $"{contact.GetProperty("first_name")} {contact.GetProperty("last_name")}");
    }

    [Fact]
    public async Task A_new_tenant_or_object_without_a_name_gets_its_id_as_name_and_one_that_exists_keeps_its_own()
    {
        using var client = await app.CreateClientAsync();
        await client.MakeCollectionAsync("cars");
        foreach (var (path, member, type) in new[] { ("tenants", "tenants", "companies"), ("objects/cars", "objects", "cars") })
        {
            await client.RunKnockAsync(
                $"{path}/bulk/set", $$"""{"{{member}}":[{"id":"a","name":"Alpha"},{"id":"b"},{"id":"c","name":"C"}]}""");
            var again = await client.RunKnockAsync($"{path}/bulk/set", $$"""
                {"{{member}}":[{"id":"a","tags":["x"]},{"id":"d"},{"id":"e","name":"E"},{"id":"e"},{"id":"c","name":null}]}
                """);
            Assert.Equal("completed 5/5, 5 succeeded, 0 failed", again.Outcome());
            var list = (await client.PostAsync($"records-list", new { record_type = type })).Result.GetProperty("items");
            Assert.Equal(
                ["a Alpha", "b b", "c c", "d d", "e E"],
                list.EnumerateArray().Select(record => $"{record.GetProperty("external_id")} {record.GetProperty("name")}").Order());
        }

        var bare = await client.RunKnockAsync("tenants/bulk/set", """{"tenants":["z"]}""");
        Assert.Equal("completed 1/1, 1 succeeded, 0 failed", bare.Outcome());
        var tenant = (await client.KnockAsync("GET", "tenants/z")).Body;
        Assert.Equal(["__typename", "id", "name", "settings", "created_at", "updated_at"], tenant.Names());
        Assert.Equal("Tenant z z", $"{tenant.GetProperty("__typename")} {tenant.GetProperty("id")} {tenant.GetProperty("name")}");
        var asObject = (await client.KnockAsync("GET", "objects/$tenants/z")).Body;
        Assert.Equal("z", asObject.GetProperty("properties").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Of_a_thousand_objects_the_five_bad_ones_fail_alone()
    {
        using var client = await app.CreateClientAsync();
        await client.MakeCollectionAsync("cars");
        int[] bad = [0, 299, 300, 512, 999];
        var objects = Enumerable.Range(0, 1_000)
            .Select(n => new { id = $" car/{n} ", name = $"Car {n}", price = bad.Contains(n) ? (object)"dear" : n });
        var done = await client.RunKnockAsync("objects/cars/bulk/set", new { objects });
        Assert.Equal("completed 1000/1000, 995 succeeded, 5 failed", done.Outcome());
        Assert.Equal("objects.set", done.GetProperty("name").GetString());
        Assert.Equal(bad.Select(n => $" car/{n} "), done.ErrorIds());
        Assert.All(
            done.GetProperty("error_items").EnumerateArray(), item => Assert.Equal("cars", item.GetProperty("collection").GetString()));
        var id = done.GetProperty("id").GetGuid();
        Assert.Equal("completed 1000/1000, 5 failed", (await client.FinishJobAsync(id)).JobOutcome());
        Assert.Equal(bad.Select(n => $"{n}  car/{n} invalid_integer"), await client.ResultsAsync(id, "failed"));
    }

    [Fact]
    public async Task A_property_without_a_field_is_told_once_with_the_call_that_makes_the_field()
    {
        using var client = await app.CreateClientAsync();
        const string Users = """
            {"users":[{"id":"a","city":"Oslo"},{"id":"b","plan":"pro","seats":3,"created_at":"2020-01-01T00:00:00Z","nested":{"a":1}},
            {"id":"c","plan":"basic","__typename":"User","external_id":"x","updated_at":null,"firstName":"Ann"}]}
            """;
        var refused = await client.KnockAsync("POST", "users/bulk/identify", Users);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.Status);
        Assert.Equal(
            [
                "users[1].plan unknown_property", "users[1].seats unknown_property", "users[1].created_at unknown_property",
                "users[1].nested unknown_property", "users[2].__typename unknown_property", "users[2].external_id unknown_property",
                "users[2].updated_at unknown_property", "users[2].firstName unknown_property",
            ],
            refused.Errors());
        string[] calls = [.. refused.Body.GetProperty("errors").EnumerateArray()
            .Select(error => error.GetProperty("message").GetString()!.Split("POST /api/fields-create "))
            .Where(message => message.Length == 2).Select(message => message[1].Replace(" makes it.", "", StringComparison.Ordinal))];
        Assert.Equal(
            [
                """{"record_type":"contacts","key":"plan","kind":"text"}""",
                """{"record_type":"contacts","key":"seats","kind":"integer"}""",
                """{"record_type":"contacts","key":"source_created_at","kind":"datetime"}""",
            ],
            calls);
        foreach (var call in calls) _ = (await client.PostAsync("fields-create", call)).Result;
        var done = await client.RunKnockAsync(
            "users/bulk/identify", """{"users":[{"id":"b","plan":"pro","seats":3,"created_at":"2020-01-01T00:00:00Z"}]}""");
        Assert.Equal("completed 1/1, 1 succeeded, 0 failed", done.Outcome());
        var read = (await client.KnockAsync("GET", "users/b")).Body;
        Assert.Equal(
            "pro 3 2020-01-01T00:00:00Z", $"{read.GetProperty("plan")} {read.GetProperty("seats")} {read.GetProperty("created_at")}");
    }

    [Theory]
    [InlineData("""{"users":[{"id":"a"},"b",null,7,{"name":"x"},{"id":5},{"id":" \t"}]}""",
        "users[1] wrong_type", "users[2] wrong_type", "users[3] wrong_type", "users[4].id required", "users[5].id required",
        "users[6].id required")]
    [InlineData("""{"users":[]}""", "users out_of_range")]
    [InlineData("""{"users":{}}""", "users wrong_type")]
    [InlineData("""{}""", "users required")]
    [InlineData("""{"users":[{"id":"a"}],"more":1}""", "more unknown_member")]
    [InlineData("""{"users":[{"id":"a","channel_data":{"x":{}}},{"id":"b","preferences":[]}]}""",
        "users[0].channel_data not_applicable", "users[1].preferences not_applicable")]
    public async Task A_bad_shape_is_refused_with_its_index(string body, params string[] errors)
    {
        using var client = await app.CreateClientAsync();
        var answer = await client.KnockAsync("POST", "users/bulk/identify", body);
        Assert.Equal(errors, answer.Errors());
        Assert.Equal(
            """
            {"code":"invalid_params","message":"One or more parameters supplied were invalid","status":422,"type":"invalid_request_error"}
            """,
            JsonSerializer.Serialize(answer.Body.EnumerateObject().Where(m => m.Name != "errors").ToDictionary(m => m.Name, m => m.Value)));
    }

    [Fact]
    public async Task A_thousand_items_are_taken_and_not_one_more()
    {
        using var client = await app.CreateClientAsync();
        string[] Ids(int count) => [.. Enumerable.Range(0, count).Select(n => $"{n}")];
        Assert.Equal(
            ["tenants out_of_range"], (await client.KnockAsync("POST", "tenants/bulk/set", new { tenants = Ids(1_001) })).Errors());
        Assert.Equal(
            ["user_ids out_of_range"], (await client.KnockAsync("POST", "users/bulk/delete", new { user_ids = Ids(1_001) })).Errors());
        Assert.Equal(
            "completed 1000/1000, 1000 succeeded, 0 failed",
            (await client.RunKnockAsync("tenants/bulk/set", new { tenants = Ids(1_000) })).Outcome());
        Assert.Equal(["tenant_ids out_of_range"], (await client.KnockAsync("POST", "tenants/bulk/delete")).Errors());
    }

    [Fact]
    public async Task The_same_id_twice_is_set_in_order_and_deleted_once()
    {
        using var client = await app.CreateClientAsync();
        var set = await client.RunKnockAsync(
            "users/bulk/identify", """{"users":[{"id":"a","city":"Oslo"},{"id":" a ","city":"Rome"}]}""");
        Assert.Equal("completed 2/2, 2 succeeded, 0 failed", set.Outcome());
        Assert.Equal("Rome", (await client.KnockAsync("GET", "users/a")).Body.GetProperty("city").GetString());
        var deleted = await client.RunKnockAsync("users/bulk/delete", new { user_ids = new[] { "a", "gone", "a", " a ", "gone " } });
        Assert.Equal("completed 2/2, 1 succeeded, 1 failed", deleted.Outcome());
        Assert.Equal("users.delete", deleted.GetProperty("name").GetString());
        Assert.Equal("""[{"id":"gone","collection":null}]""", JsonSerializer.Serialize(deleted.GetProperty("error_items")));
        Assert.Equal(
            ["user_ids[1] required", "user_ids[2] too_long"],
            (await client.KnockAsync("POST", "users/bulk/delete", new { user_ids = new[] { "a", " ", new string('x', 256) } })).Errors());
        Assert.Equal(
            ["user_ids[1] wrong_type", "user_ids[2] wrong_type"],
            (await client.KnockAsync("POST", "users/bulk/delete", """{"user_ids":["a",null,5]}""")).Errors());
    }

    [Fact]
    public async Task Ids_may_hold_any_text()
    {
        using var client = await app.CreateClientAsync();
        await client.MakeCollectionAsync("cars");
        string[] ids = ["a/b", "a@b.c", "two words", "100%", "%2F", "a+b", "ø/Å", "bulk", "a?b#c", "x.json", "[1]", new string('é', 255)];
        var set = await client.RunKnockAsync("objects/cars/bulk/set", new { objects = ids.Select(id => new { id }) });
        Assert.Equal($"completed {ids.Length}/{ids.Length}, {ids.Length} succeeded, 0 failed", set.Outcome());
        foreach (var id in ids)
        {
            var read = await client.KnockAsync("GET", $"objects/cars/{Uri.EscapeDataString(id)}");
            Assert.True(read.Status == HttpStatusCode.OK, $"{id}: {read.Text}");
            Assert.Equal(id, read.Body.GetProperty("id").GetString());
        }

        var deleted = await client.RunKnockAsync("objects/cars/bulk/delete", new { object_ids = ids });
        Assert.Equal($"completed {ids.Length}/{ids.Length}, {ids.Length} succeeded, 0 failed", deleted.Outcome());
        var tenants = await client.RunKnockAsync("tenants/bulk/set", new { tenants = ids });
        Assert.Equal(0, tenants.GetProperty("error_count").GetInt32());
        var query = string.Join('&', ids.Select(id => $"tenant_ids%5B%5D={Uri.EscapeDataString(id)}"));
        Assert.Equal(
            $"completed {ids.Length}/{ids.Length}, {ids.Length} succeeded, 0 failed",
            (await client.RunKnockAsync($"tenants/bulk/delete?{query}")).Outcome());
    }

    [Fact]
    public async Task A_thousand_tenants_are_deleted_by_their_ids_in_the_query_or_in_a_body()
    {
        using var client = await app.CreateClientAsync();
        string[] ids = [.. Enumerable.Range(0, 1_000).Select(n => $"tenant {n:D4} {new string('é', 70)}")];
        await client.RunKnockAsync("tenants/bulk/set", new { tenants = ids.Skip(2) });
        var query = string.Join('&', ids.Select(id => $"tenant_ids%5B%5D={Uri.EscapeDataString(id)}"));
        Assert.True(query.Length > 400_000);
        var deleted = await client.RunKnockAsync($"tenants/bulk/delete?{query}");
        Assert.Equal("completed 1000/1000, 998 succeeded, 2 failed", deleted.Outcome());
        Assert.Equal("tenants.delete", deleted.GetProperty("name").GetString());
        Assert.Equal(
            JsonSerializer.Serialize(ids.Take(2).Select(id => new { id, collection = "$tenants" })),
            JsonSerializer.Serialize(deleted.GetProperty("error_items")));
        await client.RunKnockAsync("tenants/bulk/set", new { tenants = new[] { "a" } });
        Assert.Equal(
            "completed 1/1, 1 succeeded, 0 failed",
            (await client.RunKnockAsync("tenants/bulk/delete", new { tenant_ids = new[] { "a" } })).Outcome());
        Assert.Equal(
            ["tenant_ids conflict"],
            (await client.KnockAsync("POST", "tenants/bulk/delete?tenant_ids[]=a", new { tenant_ids = new[] { "a" } })).Errors());
    }
}
