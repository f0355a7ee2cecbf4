using System.Net;
using System.Text.Encodings.Web;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>What Fulcrum's routes refuse, in Fulcrum's words.</summary>
public sealed class FulcrumRefusalTests(FulcrumApp app) : IClassFixture<FulcrumApp>
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private const string Ids = "\"ids\": [\"8a70dd2a-71b9-11ee-b962-0242ac120002\"]";

    [Theory]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\"}",
        "operations[0].query: Missing: expected query or ids.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\", \"query\": \"city = 'x'\", " + Ids + "}",
        "operations[0].query: Found ids and query, expected one of them.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", " + Ids + "}",
        "operations[0].form_id: Missing: ids need the form that their records belong to.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"query\": \"city = 'x'\"}",
        "operations[0].form_id: Missing: the query is a condition without FROM.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\", \"query\": \"SELECT id FROM companies\"}",
        "operations[0].query: Found FROM companies, expected contacts, which form_id names.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"nothing\", " + Ids + "}",
        "operations[0].form_id: Found \"nothing\", expected one of contacts, companies, sources, testing_app.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\", \"ids\": []}",
        "operations[0].ids: Found 0 ids, expected 1 to 10000.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\", \"ids\": [\"rec-1\"]}",
        "operations[0].ids[0]: Found \"rec-1\", expected the id of a record: a UUID.")]
    [InlineData("{\"action\": \"update\", \"resource\": \"record\", \"form_id\": \"contacts\", " + Ids + "}",
        "operations[0].data: Missing: update needs the new values.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form_id\": \"contacts\", \"data\": {\"city\": \"x\"}, " + Ids + "}",
        "operations[0].data: A delete takes no data.")]
    [InlineData("{\"action\": \"erase\", \"resource\": \"record\", \"form_id\": \"contacts\", " + Ids + "}",
        "operations[0].action: Found \"erase\", expected one of delete, update.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"form\", \"form_id\": \"contacts\", " + Ids + "}",
        "operations[0].resource: Found \"form\", expected one of record.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"form\": \"contacts\", " + Ids + "}",
        "operations[0].form: There is no such member here.")]
    [InlineData("{\"action\": \"delete\", \"resource\": \"record\", \"query\": \"SELECT id FROM contacts WHERE city LIKE\"}",
        "operations[0].query: ")]
    [InlineData("{\"action\": \"update\", \"resource\": \"record\", \"form_id\": \"contacts\", \"data\": {\"zity\": \"x\"}, " + Ids + "}",
        "operations[0].data.zity: ")]
    public async Task An_operation_that_does_not_fit_is_422_with_its_member(string operation, string expected)
    {
        var (_, fulcrum) = await app.CreateClientsAsync();
        var refused = await fulcrum.FulcrumAsync("batch.json", $$$"""{"batch": {"start": true, "operations": [{{{operation}}}]}}""");
        Assert.StartsWith(expected, refused.BatchErrors(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "The body is empty: expected a JSON object.")]
    [InlineData("{", "The body is not JSON: line 1, byte 2.")]
    [InlineData("[]", "Found an array, expected an object.")]
    [InlineData("{}", "batch: Missing: expected an object.")]
    [InlineData("{\"batch\": 1}", "batch: Found the number 1, expected an object.")]
    [InlineData("{\"batch\": {\"start\": \"yes\"}}", "batch.start: Found \"yes\", expected true or false.")]
    [InlineData("{\"batch\": {\"operations\": {}}}", "batch.operations: Found an object, expected an array or null.")]
    public async Task Another_form_of_JSON_is_400(string body, string message)
    {
        var (_, fulcrum) = await app.CreateClientsAsync();
        var refused = await fulcrum.FulcrumAsync("batch.json", body);
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        var quoted = JsonSerializer.Serialize(message, Relaxed);
        Assert.Equal($$$"""{"error":"Bad Request","status":400,"message":{{{quoted}}}}""", refused.Text);
    }

    [Fact]
    public async Task Start_without_an_operation_is_refused()
    {
        var (_, fulcrum) = await app.CreateClientsAsync();
        var refused = await fulcrum.FulcrumAsync("batch.json", """{"batch": {"start": true, "operations": []}}""");
        Assert.Equal("operations: Found no operation, expected one.", refused.BatchErrors());
    }

    [Fact]
    public async Task Tokens_are_read_from_their_header_only()
    {
        var account = await app.CreateAccountAsync("write");
        using var stranger = app.CreateFulcrum(null);
        using var liar = app.CreateFulcrum("dw_nobody");
        using var writer = app.CreateFulcrum(account.Token);
        const string Unauthorized = """{"error":"Unauthorized","status":401}""";
        var inUrl = await stranger.FulcrumGetAsync($"batch.json?token={account.Token}");
        Assert.Equal((HttpStatusCode.Unauthorized, Unauthorized), (inUrl.Status, inUrl.Text));
        Assert.Equal(Unauthorized, (await liar.FulcrumGetAsync("batch.json")).Text);
        var bearer = await app.CreateClient(account).FulcrumGetAsync("batch.json");
        Assert.Equal(HttpStatusCode.Unauthorized, bearer.Status);
        var forbidden = await writer.FulcrumGetAsync("batch.json");
        Assert.Equal(
            """{"error":"Forbidden","status":403,"message":"This needs a token with the scope read; this one has: write."}""",
            forbidden.Text);
    }

    [Fact]
    public async Task What_another_account_owns_is_404()
    {
        var (native, fulcrum) = await app.CreateClientsAsync();
        var (_, other) = await app.CreateClientsAsync();
        var batch = (await fulcrum.FulcrumAsync("batch.json", """{"batch": {}}""")).Batch().Id();
        var job = (await native.RunJobAsync("delete", [Guid.CreateVersion7()])).Id();
        var record = await native.ContactAsync(new { last_name = "A" });
        string[] paths = [$"batch/{batch}.json", $"batch/{job}.json", "batch/nothing.json", $"records/{record}.json", "forms/nothing"];
        foreach (var path in paths)
        {
            var answer = await other.FulcrumGetAsync(path);
            Assert.Equal((HttpStatusCode.NotFound, """{"error":"Not Found","status":404}"""), (answer.Status, answer.Text));
        }

        foreach (var path in new[] { $"batch/{batch}/start.json", $"batch/{job}/start" })
            Assert.Equal(HttpStatusCode.NotFound, (await other.FulcrumAsync(path)).Status);
        var operation = $$"""{"operations": [{"action": "delete", "resource": "record", "form_id": "contacts", {{Ids}}}]}""";
        Assert.Equal(HttpStatusCode.NotFound, (await other.FulcrumAsync($"batch/{batch}/operations.json", operation)).Status);
    }

    [Fact]
    public async Task More_jobs_than_an_account_may_have_are_429()
    {
        var (_, fulcrum) = await app.CreateClientsAsync();
        var waiting = $$$"""{"batch": {"operations": [{"action": "delete", "resource": "record", "form_id": "contacts", {{{Ids}}}}]}}""";
        for (var n = 0; n < 3; n++) _ = (await fulcrum.FulcrumAsync("batch.json", waiting)).Batch();
        // A batch without an operation takes no room.
        _ = (await fulcrum.FulcrumAsync("batch.json", """{"batch": {}}""")).Batch();
        var refused = await fulcrum.FulcrumAsync("batch.json", waiting);
        Assert.Equal((HttpStatusCode.TooManyRequests, "Too Many Requests"), (refused.Status, refused.Body.Text("error")));
        Assert.Equal("5", refused.Header("Retry-After"));
    }
}
