using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>Every way to select records, with every operation, on every kind of record type.</summary>
public sealed class BulkSelectionTests(BulkJobsApp app) : IClassFixture<BulkJobsApp>
{
    private static readonly string[] Types = ["contacts", "companies", "sources", "projects"];
    private static readonly string[] Operations = ["delete", "update", "tag"];
    private static readonly string[] Selections = ["entity_ids", "external_ids", "filter", "query"];

    public static TheoryData<string, string> Cases => [.. from type in Types from operation in Operations select (type, operation)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_selection_means_the_same_records(string type, string operation)
    {
        foreach (var selection in Selections)
        {
            using var client = await app.CreateClientAsync();
            if (type == "projects") _ = (await client.PostAsync("record-types-create", new { key = "projects", name = "Projects" })).Result;
            var a = await CreateAsync(client, type, "A-1", "in");
            var b = await CreateAsync(client, type, "B-2", "in");
            var c = await CreateAsync(client, type, "C-3", "out");
            object members = selection switch
            {
                "entity_ids" => new { entity_ids = new[] { a, b, a } },
                "external_ids" => new { external_ids = new[] { " A-1", "B-2", "A-1 " } },
                "filter" =>
                    new
                    {
                        filter = new
                        {
                            and = new object[] { new { field = "tags", op = "has_tag", value = "in" },
                    new { field = "external_id", op = "is_not_blank" } }
                        }
                    },
                _ => new { query = $"SELECT _record_id AS id FROM \"{type}\" WHERE tags HAS 'in'" },
            };
            object? parameters = operation switch
            {
                "update" => new { fields = new { tags = new[] { "set" } } },
                "tag" => new { add = new[] { "set" }, remove = new[] { "in" } },
                _ => null,
            };

            var counted = (await client.PostAsync("bulk-jobs-count", Merge(members, new { entity_type = type }))).Result;
            var job = await client.RunJobAsync(
                Merge(members, new { entity_type = type, operation, @params = parameters, expected_count = 2 }));

            Assert.Equal("2", counted.Text("count"));
            Assert.Equal([b, a], counted.GetProperty("sample").EnumerateArray().Select(record => record.Id()));
            Assert.Equal((selection, "completed 2/2, 0 failed"), (selection, job.JobOutcome()));
            Assert.Equal(selection == "entity_ids", job.TryGetProperty("entity_ids", out _));
            Assert.Equal(JsonSerializer.SerializeToElement(members).Text(selection), job.Text(selection));
            var left = (await AllAsync(client, type)).ToDictionary(record => record.Id(), record => string.Join('|', record.Tags()));
            Assert.Equal(
                operation == "delete" ? new() { [c] = "out" } : new Dictionary<Guid, string> { [a] = "set", [b] = "set", [c] = "out" },
                left);
        }
    }

    [Fact]
    public async Task External_ids_that_are_nobodys_fail_by_name()
    {
        using var client = await app.CreateClientAsync();
        using var other = await app.CreateClientAsync();
        _ = await CreateAsync(other, "contacts", "theirs", "in");
        var mine = await CreateAsync(client, "contacts", "mine", "in");

        var job = await client.RunJobAsync(
            new { entity_type = "contacts", operation = "delete", external_ids = new[] { "theirs", " mine ", "none", "mine" } });

        Assert.Equal("completed 3/3, 2 failed", job.JobOutcome());
        Assert.Equal("0 theirs not_found, 2 none not_found", await app.ScalarAsync(
            $"select string_agg(target_index || ' ' || external_id || ' ' || code, ', ' order by target_index) from target_failures where "
                + $"job_id = '{job.Id()}' and record_id is null"));
        (await client.PostAsync("contacts-get", new { id = mine })).Expect(HttpStatusCode.NotFound, "not_found");
        Assert.Single(await other.RecordsAsync());
        Assert.Equal(4, job.GetProperty("external_ids").GetArrayLength());
        Assert.All(await client.AllAsync("bulk-jobs-list", new { }), listed => Assert.False(listed.TryGetProperty("external_ids", out _)));
    }

    [Fact]
    public async Task A_filter_over_thousands_runs_in_lanes_and_leaves_later_records_alone()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync(
            "email,city\n"
            + string.Concat(Enumerable.Range(0, 6_500).Select(n => $"p{n}@example.com,{(n % 2 == 0 ? "Oslo" : "Bergen")}\n")));

        var created = (await client.PostAsync("bulk-jobs-create", new
        {
            entity_type = "contacts",
            operation = "update",
            query = "city IN ('Oslo', 'Bergen') AND email <> 'p0@example.com'",
            @params = new { fields = new { city = "Trondheim" } },
        })).Result;
        var job = await client.FinishJobAsync(created.Id());

        Assert.Equal("0", created.Text("total_count"));
        Assert.Equal("completed 6499/6499, 0 failed", job.JobOutcome());
        Assert.Equal(2L, await app.ScalarAsync($"select count(*) from lanes where job_id = '{job.Id()}' and processed > 2000"));
        Assert.Equal("6499", await CountAsync(client, "city = 'Trondheim'"));
        Assert.Equal("1", await CountAsync(client, "city = 'Oslo'"));
        // The job does not find records again that match only because of its own changes. It does not find later records either.
        Assert.Equal(6499L, await app.ScalarAsync($"select count(distinct record_id) from bulk_targets where job_id = '{job.Id()}'"));
    }

    [Fact]
    public async Task A_count_shows_ten_and_writes_nothing()
    {
        using var client = await app.CreateClientAsync();
        _ = await client.ImportAsync("email\n" + string.Concat(Enumerable.Range(0, 12).Select(n => $"p{n}@example.com\n")));
        var missing = Guid.CreateVersion7();

        var all = (await client.PostAsync("bulk-jobs-count", new { entity_type = "contacts", query = "SELECT * FROM contacts" })).Result;
        var listed = (
            await client.PostAsync("bulk-jobs-count", new { entity_type = "contacts", entity_ids = new[] { missing, missing } })).Result;

        Assert.Equal(("12", 10), (all.Text("count"), all.GetProperty("sample").GetArrayLength()));
        Assert.Equal((await client.RecordsAsync())[^1].GetRawText(), all.GetProperty("sample")[0].GetRawText());
        Assert.Equal(("1", 0), (listed.Text("count"), listed.GetProperty("sample").GetArrayLength()));
        Assert.Empty(await client.AllAsync("bulk-jobs-list", new { }));
        var refused = await client.PostAsync(
            "bulk-jobs-count", new { entity_type = "contacts", entity_ids = new[] { missing }, query = "city = 'Oslo'" });
        Assert.Equal(["query: conflict"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task A_unique_field_is_set_on_what_a_filter_finds_only_if_that_is_one_record()
    {
        using var client = await app.CreateClientAsync();
        var ann = await client.ContactAsync(new { first_name = "Ann", city = "Oslo" });
        _ = await client.ContactAsync(new { first_name = "Bob", city = "Bergen" });
        var parameters = new { fields = new { email = "one@example.com" } };

        var refused = await client.PostAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "update", query = "first_name IS NOT NULL", @params = parameters });
        var job = await client.RunJobAsync(
            new { entity_type = "contacts", operation = "update", query = "city = 'Oslo'", @params = parameters });

        Assert.Equal(["params.fields.email: not_unique"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
        Assert.Equal("completed 1/1, 0 failed", job.JobOutcome());
        Assert.Equal("one@example.com", (await client.GetAsync(ann)).Text("email"));
    }

    private static Task<JsonElement[]> AllAsync(HttpClient client, string type) =>
        type == "projects" ? client.AllAsync("records-list", new { record_type = type }) : client.AllAsync($"{type}-list", new { });

    private static async Task<string?> CountAsync(HttpClient client, string query) =>
        (await client.PostAsync("contacts-count", new { query })).Result.Text("count");

    private static async Task<Guid> CreateAsync(HttpClient client, string type, string externalId, string tag)
    {
        var tags = new[] { tag };
        object body = type switch
        {
            "contacts" => new { first_name = externalId, external_id = externalId, tags },
            "projects" => new { record_type = type, fields = new { name = externalId, external_id = externalId, tags } },
            _ => new { name = externalId, external_id = externalId, tags },
        };
        return (await client.PostAsync(type == "projects" ? "records-create" : $"{type}-create", body)).Result.Id();
    }

    private static Dictionary<string, JsonElement> Merge(params object[] parts) => parts
        .SelectMany(part => JsonSerializer.SerializeToElement(part).EnumerateObject())
        .Where(member => member.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(member => member.Name, member => member.Value);
}
