using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests what Knock's clients read.</summary>
public sealed class KnockReadingTests(KnockApp app) : IClassFixture<KnockApp>
{
    [Fact]
    public async Task Pages_go_on_by_after_and_back_by_before_and_show_each_entity_once()
    {
        using var client = await app.CreateClientAsync();
        await client.RunKnockAsync("users/bulk/identify", new { users = Enumerable.Range(0, 7).Select(n => new { id = $"u{n}" }) });
        await client.ContactAsync(new { first_name = "No external ID" });
        var first = await PageAsync(client, "users?page_size=3");
        Assert.Null(first.Before);
        var second = await PageAsync(client, $"users?page_size=3&after={first.After}");
        var third = await PageAsync(client, $"users?page_size=3&after={second.After}&include[]=preferences");
        Assert.Equal((3, 3, 1), (first.Ids.Length, second.Ids.Length, third.Ids.Length));
        Assert.Equal(
            ["u0", "u1", "u2", "u3", "u4", "u5", "u6"], ((string[])[.. first.Ids, .. second.Ids, .. third.Ids]).Order());
        Assert.Null(third.After);
        var back = await PageAsync(client, $"users?page_size=3&before={third.Before}");
        Assert.Equal(second.Ids, back.Ids);
        var begin = await PageAsync(client, $"users?page_size=3&before={back.Before}");
        Assert.Equal(first.Ids, begin.Ids);
        Assert.Null(begin.Before);
        Assert.Equal(second.Ids, (await PageAsync(client, $"users?page_size=3&after={begin.After}")).Ids);
        Assert.Equal(7, (await PageAsync(client, "users")).Ids.Length);
    }

    [Fact]
    public async Task An_empty_list_has_no_cursor()
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal(
            """{"entries":[],"page_info":{"__typename":"PageInfo","page_size":50,"after":null,"before":null}}""",
            (await client.KnockAsync("GET", "tenants")).Text);
    }

    [Fact]
    public async Task Tenants_are_found_by_name_and_by_id()
    {
        using var client = await app.CreateClientAsync();
        await client.RunKnockAsync("tenants/bulk/set", """{"tenants":[{"id":"t1","name":"Acme Corp"},{"id":"t2","name":"Beta"},"t3"]}""");
        Assert.Equal(["t1"], (await PageAsync(client, "tenants?name=acme%20corp")).Ids);
        Assert.Equal(["t2"], (await PageAsync(client, "tenants?tenant_id=t2")).Ids);
        Assert.Empty((await PageAsync(client, "tenants?tenant_id=t2&name=t3")).Ids);
        Assert.Equal(["t1", "t2", "t3"], (await PageAsync(client, "objects/%24tenants")).Ids.Order());
    }

    [Fact]
    public async Task An_object_has_its_properties_in_a_member_of_their_own()
    {
        using var client = await app.CreateClientAsync();
        await client.MakeCollectionAsync("cars");
        await client.RunKnockAsync("objects/cars/bulk/set", """{"objects":[{"id":"c1","name":"Tesla","price":5,"tags":["red"]}]}""");
        var car = (await client.KnockAsync("GET", "objects/cars/c1")).Body;
        Assert.Equal(["__typename", "id", "collection", "created_at", "updated_at", "properties"], car.Names());
        Assert.Equal("Object c1 cars", $"{car.GetProperty("__typename")} {car.GetProperty("id")} {car.GetProperty("collection")}");
        Assert.Equal("""{"name":"Tesla","tags":["red"],"price":5}""", JsonSerializer.Serialize(car.GetProperty("properties")));
        Assert.Equal(JsonSerializer.Serialize(car), JsonSerializer.Serialize(
            (await client.KnockAsync("GET", "objects/cars")).Body.GetProperty("entries")[0]));
    }

    [Theory]
    [InlineData("users?page_size=0", "page_size out_of_range")]
    [InlineData("users?page_size=51", "page_size out_of_range")]
    [InlineData("users?page_size=x", "page_size out_of_range")]
    [InlineData("users?after=x", "after invalid_cursor")]
    [InlineData("tenants?before=x", "before invalid_cursor")]
    public async Task A_bad_query_is_refused(string path, string error)
    {
        using var client = await app.CreateClientAsync();
        Assert.Equal([error], (await client.KnockAsync("GET", path)).Errors());
    }

    [Fact]
    public async Task A_job_of_any_kind_is_shown_and_an_import_is_not()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.ContactAsync(new { first_name = "Ann" });
        var missing = Guid.CreateVersion7();
        var tagged = await client.RunJobAsync("tag", [id, missing], new { add = new[] { "x" } });
        var shown = (await client.KnockAsync("GET", $"bulk_operations/{tagged.Id()}")).Body;
        Assert.Equal("contacts.tag", shown.GetProperty("name").GetString());
        Assert.Equal("completed 2/2, 1 succeeded, 1 failed", shown.Outcome());
        Assert.Equal([$"{missing}"], shown.ErrorIds());
        var created = await client.RunItemsAsync("create", [new { first_name = "Eve" }, new { city = "Oslo" }]);
        shown = (await client.KnockAsync("GET", $"bulk_operations/{created.Id()}")).Body;
        Assert.Equal("contacts.create", shown.GetProperty("name").GetString());
        Assert.Equal([""], shown.ErrorIds());
        var pending = (await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "companies", operation = "delete", external_ids = new[] { "a" }, start = false })).Result;
        shown = (await client.KnockAsync("GET", $"bulk_operations/{pending.Id()}")).Body;
        Assert.Equal("tenants.delete queued", $"{shown.GetProperty("name")} {shown.GetProperty("status")}");
        _ = (await client.PostAsync("bulk-jobs-cancel", new { id = pending.Id() })).Result;
        shown = (await client.KnockAsync("GET", $"bulk_operations/{pending.Id()}")).Body;
        Assert.Equal("failed", shown.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.String, shown.GetProperty("failed_at").ValueKind);
        Assert.Equal(JsonValueKind.Null, shown.GetProperty("completed_at").ValueKind);
        var import = (await client.PostAsync(
            "imports-request-upload", new { model_type = "contacts", file_name = "a.csv", content_type = "text/csv" })).Result;
        Assert.Equal(HttpStatusCode.NotFound, (await client.KnockAsync("GET", $"bulk_operations/{import.GetProperty("job_id")}")).Status);
    }

    [Theory]
    [InlineData("bulk_operations/00000000-0000-7000-8000-000000000000")]
    [InlineData("bulk_operations/x")]
    [InlineData("users/none")]
    [InlineData("users/%20")]
    [InlineData("tenants/none")]
    [InlineData("objects/none")]
    [InlineData("objects/none/a")]
    [InlineData("objects/contacts")]
    public async Task What_is_not_there_is_not_found(string path)
    {
        using var client = await app.CreateClientAsync();
        var answer = await client.KnockAsync("GET", path);
        Assert.Equal(HttpStatusCode.NotFound, answer.Status);
        Assert.Equal(["code", "message", "status", "type"], answer.Body.Names());
        Assert.Equal("resource_missing invalid_request_error", $"{answer.Body.GetProperty("code")} {answer.Body.GetProperty("type")}");
    }

    [Fact]
    public async Task Accounts_see_only_their_own()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        var done = await client.RunKnockAsync("users/bulk/identify", """{"users":[{"id":"u1"}]}""");
        Assert.Equal(HttpStatusCode.NotFound, (await other.KnockAsync("GET", "users/u1")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await other.KnockAsync("GET", $"bulk_operations/{done.GetProperty("id")}")).Status);
        Assert.Empty((await PageAsync(other, "users")).Ids);
        var deleted = await other.RunKnockAsync("users/bulk/delete", """{"user_ids":["u1"]}""");
        Assert.Equal("completed 1/1, 0 succeeded, 1 failed", deleted.Outcome());
        Assert.Equal(HttpStatusCode.OK, (await client.KnockAsync("GET", "users/u1")).Status);
    }

    private static async Task<(string[] Ids, string? After, string? Before)> PageAsync(HttpClient client, string path)
    {
        var page = await client.KnockAsync("GET", path);
        Assert.True(page.Status == HttpStatusCode.OK, page.Text);
        var info = page.Body.GetProperty("page_info");
        return (
            [.. page.Body.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!)],
            info.GetProperty("after").GetString(), info.GetProperty("before").GetString());
    }
}
