using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests which requests are refused before a job is made.</summary>
public sealed class ZendeskShapeTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    private const string Kinds = "expected one of create, update, create_or_update_by_external_id, create_or_update_by_name, delete, "
        + "delete_by_external_id.";

    private const string ByExternalId = "Missing: expected external_id, to say which record is meant.";

    [Theory]
    [InlineData("{}", "job: Missing: expected an object.")]
    [InlineData("""{"job": {}}""", "job.action: Missing: " + Kinds, "job.items: Missing: expected an array.")]
    [InlineData("""{"job": {"action": "merge", "items": []}}""", "job.action: Found \"merge\", " + Kinds)]
    [InlineData("""{"job": {"action": "create", "items": {}}}""", "job.items: Found an object, expected an array.")]
    [InlineData("""{"job": {"action": "create", "items": []}}""", "job.items: Found 0 values in job.items, expected 1 to 100.")]
    [InlineData("""{"job": {"action": "create", "items": [{}], "dry": 1}}""", "job.dry: There is no such member here.")]
    [InlineData("""{"job": {"action": "create", "items": [{}]}, "x": 1}""", "x: There is no such member here.")]
    [InlineData("[]", "base: Found an array, expected an object.")]
    public async Task The_job_itself(string body, params string[] faults)
    {
        using var client = await app.CreateCarsAsync();
        Assert.Equal(faults, (await client.SendAsync("POST", ZendeskSteps.Jobs, body)).Faults());
        await NoJobAsync(client);
    }

    [Theory]
    [InlineData("create", "\"car-1\"", "Found \"car-1\", expected an object.")]
    [InlineData("create", """{"colour": "red"}""", "Found \"colour\", expected name, external_id or custom_object_fields.")]
    [InlineData("create", """{"photo": {}}""", "Found \"photo\", expected name, external_id or custom_object_fields.")]
    [InlineData("create", """{"custom_object_fields": []}""", "custom_object_fields: Found an array, expected an object.")]
    [InlineData("create", """{"name": "a", "custom_object_fields": {"name": "b"}}""", "name is given twice.")]
    [InlineData("create", """{"custom_object_fields": {"id": "b"}}""", "id is not a custom object field.")]
    [InlineData("create", """{"custom_object_fields": {"color": 1, "color": 2}}""", "custom_object_fields.color: Given more than once.")]
    [InlineData("create", """{"name": "a\u0000"}""", "name: Holds a NUL (\\u0000), which cannot be stored as text.")]
    [InlineData("update", """{"name": "a"}""", "Missing: expected id or external_id, to say which record is meant.")]
    [InlineData("update", """{"id": null, "external_id": " "}""", "Missing: expected id or external_id, to say which record is meant.")]
    [InlineData("create_or_update_by_name", "{}", "Missing: expected name, to say which record is meant.")]
    [InlineData("create_or_update_by_external_id", """{"name": "a"}""", ByExternalId)]
    [InlineData("create_or_update_by_external_id", """{"external_id": ""}""", ByExternalId)]
    [InlineData("delete", "7", "Found the number 7, expected the id of a record.")]
    [InlineData("delete", "\"car-1\"", "Found \"car-1\", expected the id of a record.")]
    [InlineData("delete_by_external_id", "{}", "Found an object, expected the external ID of a record.")]
    [InlineData("delete_by_external_id", "\" \"", "Found \" \", expected the external ID of a record.")]
    public async Task An_item_is_named_by_its_index(string action, string item, string fault)
    {
        using var client = await app.CreateCarsAsync();
        var good = action == "delete" ? $"\"{Guid.CreateVersion7()}\"" : action.StartsWith("delete", StringComparison.Ordinal) ? "\"x\""
            : """{"name": "x", "external_id": "x"}""";
        var items = $"[{good}, {good}, {good}, {item}]";
        var answer = await client.SendAsync(
            "POST", ZendeskSteps.Jobs, $$$"""{"job": {"action": "{{{action}}}", "items": {{{items}}} }}""");
        Assert.Equal([$"job.items[3]: {fault}"], answer.Faults());
        await NoJobAsync(client);
    }

    [Fact]
    public async Task All_items_of_a_wrong_shape_are_named_at_once()
    {
        using var client = await app.CreateCarsAsync();
        var answer = await client.MakeJobAsync("update", [new { name = "a" }, 7, new { id = "x" }]);
        answer.Expect(
            422,
            """
            {"error":"RecordInvalid","description":"Record validation errors","details":{
            "job.items[0]":[{"description":"Missing: expected id or external_id, to say which record is meant.","error":"InvalidValue"}],
            "job.items[1]":[{"description":"Found the number 7, expected an object.","error":"InvalidValue"}]}}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public async Task A_hundred_items_are_taken_and_one_more_is_not()
    {
        using var client = await app.CreateCarsAsync();
        var items = Enumerable.Range(0, 101).Select(n => (object)$"car-{n}").ToArray();
        (await client.MakeJobAsync("delete_by_external_id", items)).Expect(
            422, """{"error":"TooManyValues","description":"Found 101 values in job.items, expected 1 to 100."}""");
        await NoJobAsync(client);
        Assert.Equal("100", (await client.FinishAsync("delete_by_external_id", items[1..])).Text("total"));
    }

    [Theory]
    [InlineData("contacts")]
    [InlineData("companies")]
    [InlineData("tickets")]
    public async Task By_name_needs_unique_names(string key)
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "tickets", name = "Tickets" })).Result;
        var answer = await client.MakeJobAsync("create_or_update_by_name", [new { name = "a" }], key);
        Assert.Equal([$"job.action: Records of {key} have no unique names to be found by."], answer.Faults());
    }

    [Fact]
    public async Task The_documented_members_of_an_item_are_all_taken()
    {
        using var client = await app.CreateCarsAsync();
        const string Item = """
            {"created_by_user_id": "1", "custom_object_fields": {"color": "red"}, "id": "2", "external_id": "car-1", "name": "Tesla",
             "url": "https://example.com", "custom_object_key": "car", "created_at": "2020-01-01T00:00:00Z",
             "updated_at": "2020-01-01T00:00:00Z", "updated_by_user_id": "1", "photo": null}
            """;
        var answer = await client.SendAsync(
            "POST", ZendeskSteps.Jobs, $$$"""{"job": {"action": "create", "items": [{{{Item}}}]}}""");
        var job = await client.WatchAsync(answer.Body.GetProperty("job_status").Text("id"));
        Assert.Equal([$$"""{"index":0,"id":"{{job.IdAt(0)}}"}"""], job.Results());
        var record = (await client.ReadAsync($"{ZendeskSteps.Records}/{job.IdAt(0)}")).GetProperty("custom_object_record");
        Assert.Equal(["Tesla", "car-1", """{"color":"red","price":null}"""],
            [record.Text("name"), record.Text("external_id"), JsonSerializer.Serialize(record.GetProperty("custom_object_fields"))]);
    }

    private static async Task NoJobAsync(HttpClient client) =>
        Assert.Empty((await client.ReadAsync("/api/v2/job_statuses")).GetProperty("job_statuses").EnumerateArray());
}
