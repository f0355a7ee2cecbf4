using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Tests what each action of a job does to the records, and its results.</summary>
public sealed class ZendeskJobTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    private const string Taken = "name: Another record of car has this name; it must be unique.";
    private const string NotANumber = "price: Found abc, which is not a number; expected a whole number such as 50.";

    [Theory]
    [InlineData("")]
    [InlineData(".json")]
    public async Task A_job_is_answered_at_once_and_shown_under_its_id(string suffix)
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.SendAsync(
            "POST", ZendeskSteps.Jobs + suffix, new { job = new { action = "create", items = new[] { new { name = "Tesla" } } } });
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var id = made.Body.GetProperty("job_status").Text("id");
        var address = client.BaseAddress!.GetLeftPart(UriPartial.Authority);
        Assert.Equal(
            $$$"""
            {"job_status":{"id":"{{{id}}}","url":"{{{address}}}/api/v2/job_statuses/{{{id}}}.json",
            "job_type":"custom_object_records.create","total":1,"progress":0,"status":"queued","message":null,"results":null}}
            """.ReplaceLineEndings(""),
            made.Text);
        var ended = await client.WatchAsync(id);
        Assert.Equal(["completed", "1", "1"], [ended.Text("status"), ended.Text("progress"), ended.Text("total")]);
        Assert.Matches(@"^Completed at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000$", ended.Text("message"));
        var shown = await client.ReadAsync($"/api/v2/job_statuses/{id}{suffix}");
        Assert.Equal(JsonSerializer.Serialize(ended), JsonSerializer.Serialize(shown.GetProperty("job_status")));
    }

    [Fact]
    public async Task Create_makes_records_and_says_their_ids_alone()
    {
        using var client = await app.CreateCarsAsync();
        var job = await client.FinishAsync("create",
        [
            new { name = "Tesla", external_id = "car-1", custom_object_fields = new { color = "red", price = 40_000 } },
            new { name = "Volvo", custom_object_fields = new { price = "abc" } },
            new { name = "tesla" },
            new { name = "Saab", custom_object_fields = new { wheels = 4 } },
            new { custom_object_fields = new { color = "blue" } },
        ]);
        var failed = "\"id\":null,\"action\":\"create\",\"success\":false,\"status\":\"Failed\",\"error\":\"RecordInvalid\"";
        Assert.Equal(
            [
                $$"""{"index":0,"id":"{{job.IdAt(0)}}"}""",
                $$"""{"index":1,{{failed}},"details":"{{NotANumber}}","code":"invalid_integer"}""",
                $$"""{"index":2,{{failed}},"details":"{{Taken}}","code":"duplicate_value"}""",
                $$"""{"index":3,{{failed}},"details":"wheels: There is no such field of car.","code":"unknown_member"}""",
                $$"""{"index":4,{{failed}},"details":"Name is required and must not be blank.","code":"required"}""",
            ],
            job.Results());
        Assert.Equal(["completed", "5", "5"], [job.Text("status"), job.Text("progress"), job.Text("total")]);
        var record = await client.PostAsync("records-get", new { record_type = "car", id = job.IdAt(0) });
        Assert.Equal("""{"color":"red","price":40000}""", JsonSerializer.Serialize(record.Result.GetProperty("custom")));
    }

    [Fact]
    public async Task Update_names_records_by_id_or_external_id_and_leaves_what_is_not_sent()
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.FinishAsync("create",
        [
            new { name = "Tesla", external_id = "car-1", custom_object_fields = new { color = "red", price = 1 } },
            new { name = "Volvo", custom_object_fields = new { color = "red", price = 2 } },
        ]);
        var missing = Guid.CreateVersion7();
        var job = await client.FinishAsync("update",
        [
            new { external_id = "car-1", custom_object_fields = new { color = (string?)null } },
            new { id = made.IdAt(1), name = "Volvo V60" },
            new { id = missing, name = "Saab" },
            new { external_id = "car-9", name = "Saab" },
            new { id = "7", name = "Saab" },
        ]);
        var failed = "\"action\":\"update\",\"success\":false,\"status\":\"Failed\"";
        Assert.Equal(
            [
                $$"""{"index":0,"id":"{{made.IdAt(0)}}","action":"update","success":true,"status":"Updated","external_id":"car-1"}""",
                $$"""{"index":1,"id":"{{made.IdAt(1)}}","action":"update","success":true,"status":"Updated"}""",
                $$"""{"index":2,"id":"{{missing}}",{{failed}},"error":"RecordNotFound","details":"There is no record with this id.","""
                    + "\"code\":\"not_found\"}",
                $$"""{"index":3,"id":null,{{failed}},"external_id":"car-9","error":"RecordNotFound","""
                    + "\"details\":\"There is no record with this external_id.\",\"code\":\"not_found\"}",
                $$"""{"index":4,"id":null,{{failed}},"error":"RecordInvalid","""
                    + "\"details\":\"id: Expected a uuid such as 550e8400-e29b-41d4-a716-446655440000.\",\"code\":\"invalid_uuid\"}",
            ],
            job.Results());
        Assert.Equal(["Tesla  1", "Volvo V60 red 2"], await CarsAsync(client));
    }

    [Theory]
    [InlineData("create_or_update_by_external_id")]
    [InlineData("create_or_update_by_name")]
    public async Task An_upsert_says_whether_it_created_or_updated(string action)
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.FinishAsync("create", [new { name = "Tesla", external_id = "car-1" }]);
        var job = await client.FinishAsync(action,
        [
            new { name = "Tesla", external_id = "car-1", custom_object_fields = new { color = "red" } },
            new { name = "Volvo", external_id = "car-2" },
            new { name = "Saab", external_id = "car-3", custom_object_fields = new { price = "abc" } },
        ]);
        var (first, second) = (job.IdAt(0), job.IdAt(1));
        Assert.Equal(made.IdAt(0), first);
        Assert.Equal(
            [
                $$"""{"index":0,"id":"{{first}}","action":"{{action}}","success":true,"status":"Updated","external_id":"car-1"}""",
                $$"""{"index":1,"id":"{{second}}","action":"{{action}}","success":true,"status":"Created","external_id":"car-2"}""",
                $$"""{"index":2,"id":null,"action":"{{action}}","success":false,"status":"Failed","external_id":"car-3","""
                    + $$""" "error":"RecordInvalid","details":"{{NotANumber}}","code":"invalid_integer"}""".TrimStart(),
            ],
            job.Results());
        Assert.Equal($"custom_object_records.{action}", job.Text("job_type"));
        Assert.Equal(["Tesla red ", "Volvo  "], await CarsAsync(client));
    }

    [Fact]
    public async Task Delete_takes_ids_and_a_repeated_one_counts_once()
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.FinishAsync("create", [new { name = "Tesla" }, new { name = "Volvo" }, new { name = "Saab" }]);
        var (first, second, missing) = (made.IdAt(0), made.IdAt(1), Guid.CreateVersion7());
        var job = await client.FinishAsync("delete", [first, missing, first, second]);
        Assert.Equal(
            [
                $$"""{"index":0,"id":"{{first}}","action":"delete","success":true,"status":"Deleted"}""",
                $$"""{"index":1,"id":"{{missing}}","action":"delete","success":false,"status":"Failed","error":"RecordNotFound","""
                    + "\"details\":\"There is no such record.\",\"code\":\"not_found\"}",
                $$"""{"index":3,"id":"{{second}}","action":"delete","success":true,"status":"Deleted"}""",
            ],
            job.Results());
        Assert.Equal(["custom_object_records.delete", "3", "3"], [job.Text("job_type"), job.Text("total"), job.Text("progress")]);
        Assert.Equal(["Saab  "], await CarsAsync(client));
    }

    [Fact]
    public async Task Delete_by_external_id_takes_external_ids()
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.FinishAsync(
            "create", [new { name = "Tesla", external_id = "car-1" }, new { name = "Volvo", external_id = "car-2" }]);
        var job = await client.FinishAsync("delete_by_external_id", ["car-2", "car-9"]);
        var common = "\"action\":\"delete_by_external_id\"";
        Assert.Equal(
            [
                $$"""{"index":0,"id":"{{made.IdAt(1)}}",{{common}},"success":true,"status":"Deleted","external_id":"car-2"}""",
                $$"""{"index":1,"id":null,{{common}},"success":false,"status":"Failed","external_id":"car-9","""
                    + "\"error\":\"RecordNotFound\",\"details\":\"There is no such record.\",\"code\":\"not_found\"}",
            ],
            job.Results());
        Assert.Equal("custom_object_records.delete_by_external_id", job.Text("job_type"));
        Assert.Equal(["Tesla  "], await CarsAsync(client));
    }

    [Fact]
    public async Task Built_in_types_are_custom_objects_too()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.FinishAsync("create_or_update_by_external_id",
        [
            new { external_id = "p-1", custom_object_fields = new { email = "ann@example.com", city = "Oslo" } },
            new { external_id = "p-2", name = "Bob" },
        ], "contacts");
        Assert.Equal(["Created", "Failed"], job.GetProperty("results").EnumerateArray().Select(result => result.Text("status")));
        Assert.Equal("name: There is no such field of contacts.", job.GetProperty("results")[1].Text("details"));
        Assert.Equal("Oslo", (await client.GetAsync(Guid.Parse(job.IdAt(0)))).Text("city"));
        var sources = await client.FinishAsync("create_or_update_by_name", [new { name = "Fair" }, new { name = "fair" }], "sources");
        Assert.Equal(["Created", "Updated"], sources.GetProperty("results").EnumerateArray().Select(result => result.Text("status")));
    }

    [Fact]
    public async Task A_numbered_name_is_given_by_Driftwood_and_refused_from_the_caller()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("record-types-create", new { key = "car", name = "Cars", name_is_autonumber = true })).Result;
        var job = await client.FinishAsync("create", [new { external_id = "a" }, new { name = "Mine" }]);
        Assert.Equal($$"""{"index":0,"id":"{{job.IdAt(0)}}"}""", job.Results()[0]);
        Assert.Equal("read_only", job.GetProperty("results")[1].Text("code"));
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back()
    {
        using var client = await app.CreateCarsAsync();
        var made = await client.FinishAsync(
            "create", [new { name = "Tesla", external_id = "car-1", custom_object_fields = new { color = "red" } }]);
        var record = (await client.ReadAsync($"{ZendeskSteps.Records}/{made.IdAt(0)}")).GetProperty("custom_object_record");
        foreach (var action in new[] { "update", "create_or_update_by_external_id", "create_or_update_by_name" })
        {
            var job = await client.FinishAsync(action, [record]);
            Assert.Equal("Updated", job.GetProperty("results")[0].Text("status"));
            Assert.Equal(made.IdAt(0), job.IdAt(0));
        }

        Assert.Equal(["Tesla red "], await CarsAsync(client));
    }

    [Fact]
    public async Task A_hundred_items_of_which_three_are_bad_fail_three()
    {
        using var client = await app.CreateCarsAsync();
        int[] bad = [7, 42, 99];
        var items = Enumerable.Range(0, 100).Select(n => (object)new
        {
            external_id = $"car-{n}",
            name = $"Car {n}",
            custom_object_fields = new { price = bad.Contains(n) ? "abc" : $"{n}" },
        });
        var job = await client.FinishAsync("create_or_update_by_external_id", [.. items]);
        Assert.Equal(["completed", "100", "100"], [job.Text("status"), job.Text("total"), job.Text("progress")]);
        var results = job.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(0, 100), results.Select(result => result.GetProperty("index").GetInt32()));
        var failed = results.Where(result => result.Text("status") == "Failed");
        Assert.Equal(bad, failed.Select(result => result.GetProperty("index").GetInt32()));
        Assert.Equal(97, results.Count(result => result.Text("status") == "Created"));
        Assert.Equal(97, (await CarsAsync(client)).Length);
        var native = (await client.PostAsync("bulk-jobs-get", new { id = job.Text("id") })).Result;
        Assert.Equal("completed 100/100, 3 failed", native.JobOutcome());
        Assert.Equal(["car", "upsert", """{"match_on":"external_id"}"""],
            [native.Text("entity_type"), native.Text("operation"), JsonSerializer.Serialize(native.GetProperty("params"))]);
    }

    private static async Task<string[]> CarsAsync(HttpClient client) =>
    [
        .. (await client.PostAsync("records-list", new { record_type = "car", order_by = "name", limit = 1000 })).Result
            .GetProperty("items").EnumerateArray()
            .Select(car => $"{car.Text("name")} {car.GetProperty("custom").Text("color")} {car.GetProperty("custom").Text("price")}"),
    ];
}
