using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

/// <summary>
/// Records of every type support the same operations. Types may be built in or custom, and so may their fields. There is one code
/// path for all types, and this one test checks it.
/// </summary>
public sealed class EveryTypeTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string, string> Types => new()
    {
        { "contacts", "first_name" },
        { "companies", "name" },
        { "sources", "name" },
        { "vehicles", "name" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_type_is_imported_listed_counted_changed_tagged_and_deleted(string type, string name)
    {
        using var client = await app.CreateClientAsync();
        if (type == "vehicles") _ = (await client.PostAsync("record-types-create", new { key = type, name = "Vehicles" })).Result;
        foreach (var field in new object[]
        {
            new { record_type = type, key = "serial_no", kind = "text", unique = true },
            new { record_type = type, key = "seats", kind = "integer" },
            new { record_type = type, key = "price", kind = "decimal" },
            new { record_type = type, key = "colour", kind = "choice", options = new[] { "Red", "Blue" } },
            new { record_type = type, key = "bought_on", kind = "date" },
            new { record_type = type, key = "extras", kind = "tags" },
        })
        {
            _ = (await client.PostAsync("fields-create", field)).Result;
        }

        string[] mapped = [name, "external_id", "serial_no", "seats", "price", "colour", "bought_on", "extras", "tags"];
        const string header = "Name,Ext,Serial,Seats,Price,Colour,Bought,Extras,Tags";

        // Create: one row in a hundred is bad in a custom cell.
        var first = await ImportAsync(
            client, type, mapped, header, Rows(1, 500, i => i % 100 == 0 ? "green" : "red"), new { match_on = "serial_no" });
        Assert.Equal("500/500: 495 created, 0 updated, 0 skipped, 5 failed", Outcome(first));
        var errors = (await client.PostAsync("imports-errors", new { id = first.Id() })).Result.GetProperty("items");
        Assert.All(
            errors.EnumerateArray(), error =>
            Assert.Equal(
            "Colour colour invalid_choice green",
            $"{error.Text("column")} {error.Text("field")} {error.Text("code")} {error.Text("value")}"));

        // Skip, merge and overwrite: each matches on the custom field.
        Assert.Equal("100/100: 51 created, 0 updated, 49 skipped, 0 failed", Outcome(await ImportAsync(
            client, type, mapped, header, Rows(451, 100, _ => "blue"), new { match_on = "serial_no" })));
        Assert.Equal("100/100: 0 created, 100 updated, 0 skipped, 0 failed", Outcome(await ImportAsync(
            client, type, ["serial_no", "seats", "extras"], "Serial,Seats,Extras",
                Lines(1, 50, i => $"sn-{i},,new") + Lines(501, 50, i => $"sn-{i},7,"),
            new { match_on = "serial_no", duplicate_strategy = "merge", mode = "update_only" })));
        Assert.Equal("10/10: 0 created, 10 updated, 0 skipped, 0 failed", Outcome(await ImportAsync(
            client, type, [name, "serial_no", "colour"], "Name,Serial,Colour", Lines(1, 10, i => $"Over {i},sn-{i},BLUE"),
            new { match_on = "serial_no", duplicate_strategy = "overwrite" })));

        // List and count by built-in and custom fields.
        Assert.Equal(546, await CountAsync(client, type, null));
        Assert.Equal(61, await CountAsync(client, type, "colour = 'blue'"));
        Assert.Equal(10, await CountAsync(client, type, $"{name} STARTS WITH 'Over'"));
        Assert.Equal(10, await CountAsync(client, type, "seats IS NULL"));
        Assert.Equal(1, await CountAsync(client, type, "serial_no = 'sn-77'"));
        Assert.Equal(8, await CountAsync(client, type, "extras HAS 'New' AND seats = 3"));
        var page = (
            await client.PostAsync(
            "records-list", new { record_type = type, query = "colour = 'blue'", order_by = "serial_no", limit = 10 })).Result;
        var overwritten = page.GetProperty("items")[0];
        Assert.Equal("sn-1", overwritten.GetProperty("custom").Text("serial_no"));
        Assert.Equal(
            """{"serial_no":"sn-1","seats":null,"price":null,"colour":"Blue","bought_on":null,"extras":null}""",
            overwritten.GetProperty("custom").GetRawText());
        Assert.Equal("ext-1", overwritten.Text("external_id"));
        Assert.Empty(overwritten.GetProperty("tags").EnumerateArray());

        // Change records one by one.
        var one = overwritten.Id();
        var changed = (
            await client.PostAsync(
            "records-update",
            new
            {
                record_type = type,
                id = one,
                fields = new { custom = new { price = 12.50m, bought_on = "2025-02-28", colour = "red" } }
            })).Result;
        Assert.Equal(
            """{"serial_no":"sn-1","seats":null,"price":12.50,"colour":"Red","bought_on":"2025-02-28","extras":null}""",
            changed.GetProperty("custom").GetRawText());
        var taken = await client.PostAsync(
            "records-update", new { record_type = type, id = one, fields = new { custom = new { serial_no = " sn-2 " } } });
        Assert.Equal(["fields.custom.serial_no: duplicate_value"], taken.Details);
        var bad = await client.PostAsync(
            "records-create",
            new
            {
                record_type = type,
                fields =
            new Dictionary<string, object>
            {
                [name] = "x",
                ["custom"] = new { seats = "many", price = true, colour = "green", wheels = 4 }
            }
            });
        Assert.Equal(
            ["fields.custom.colour: invalid_choice", "fields.custom.price: wrong_type", "fields.custom.seats: wrong_type",
            "fields.custom.wheels: unknown_member"], bad.Details.Order(StringComparer.Ordinal));

        // Change, tag and delete records in bulk.
        var ids = (
            await client.PostAsync("records-list", new { record_type = type, query = "seats = 7", limit = 1000 })).Result.GetProperty(
            "items").EnumerateArray().Select(item => item.Id()).ToList();
        Assert.Equal(50, ids.Count);
        Assert.Equal(
            "completed 50/50, 0 failed",
            (await client.RunJobAsync(
            "update", ids, new { fields = new { custom = new { seats = 9, colour = (string?)null }, price = 1 } }, type)).JobOutcome());
        Assert.Equal(50, await CountAsync(client, type, "seats = 9 AND colour IS NULL AND price = 1.00"));
        Assert.Equal(
            "completed 50/50, 0 failed", (await client.RunJobAsync("tag", ids, new { add = new[] { "Nine" } }, type)).JobOutcome());
        Assert.Equal(50, await CountAsync(client, type, "tags HAS 'nine' AND seats = 9"));
        var several = await client.CreateJobAsync("update", ids, new { fields = new { serial_no = "sn-1000" } }, type);
        Assert.Equal(["params.fields.serial_no: not_unique"], several.Details);
        Assert.Equal(
            "completed 1/1, 0 failed",
            (await client.RunJobAsync("update", ids[..1], new { fields = new { serial_no = "sn-1000" } }, type)).JobOutcome());
        Assert.Equal(
            ids[0], (
            await client.PostAsync("records-list", new { record_type = type, query = "serial_no = 'sn-1000'" })).Result.GetProperty(
            "items")[0].Id());
        Assert.Equal("completed 50/50, 0 failed", (await client.RunJobAsync("delete", ids, null, type)).JobOutcome());
        Assert.Equal(496, await CountAsync(client, type, null));
        Assert.Equal(
            496L, await app.ScalarAsync(
            $"select count(*) from unique_values u where exists (select from fields f where f.id = u.field_id and f.account_id = "
            + $"u.account_id and f.record_type = '{type}')"));

        // Another record can take a value that was given up. A single delete removes one record.
        var again = (
            await client.PostAsync(
            "records-create",
            new
            {
                record_type = type,
                fields = new Dictionary<string, object> { [name] = "again", ["custom"] = new { serial_no = "sn-1000" } }
            })).Result;
        _ = (await client.PostAsync("records-delete", new { record_type = type, id = again.Id() })).Result;
        _ = (await client.PostAsync(
            "records-create",
            new { record_type = type, fields = new Dictionary<string, object> { [name] = "again", ["serial_no"] = "sn-1000" } })).Result;

        // After its deletion a field is gone from everything.
        var seats = (await client.PostAsync("fields-list", new { record_type = type })).Result.GetProperty("items").EnumerateArray()
            .Single(field => field.Text("key") == "seats").Id();
        _ = (await client.PostAsync("fields-delete", new { id = seats })).Result;
        Assert.Equal(
            ["filter.field: unknown_field"],
            (await client.PostAsync(
            "records-count", new { record_type = type, filter = new { field = "seats", op = "eq", value = 8 } })).Details);
        Assert.False(
            (await client.PostAsync("records-list", new { record_type = type, limit = 1 })).Result.GetProperty("items")[0]
            .GetProperty("custom").TryGetProperty("seats", out _));
        var preview = (await client.UploadAsync(Encoding.UTF8.GetBytes("Seats,Serial\n1,2\n"), type)).Result.GetProperty("preview");
        Assert.DoesNotContain("seats", preview.GetProperty("available_fields").EnumerateArray().Select(field => field.Text("value")));
        Assert.Contains(
            "serial_no True",
            preview.GetProperty("available_fields").EnumerateArray()
            .Select(field => $"{field.Text("value")} {field.GetProperty("custom").GetBoolean()}"));
    }

    private static async Task<JsonElement> ImportAsync(
        HttpClient client, string type, string[] fields, string header, string rows, object settings)
    {
        var id = await client.UploadedAsync(header + "\n" + rows, type);
        var mapping = header.Split(',').Zip(fields).ToDictionary(pair => pair.First, pair => pair.Second);
        _ = (await client.ConfirmAsync(id, "x", Merge(settings, mapping))).Result;
        return await client.FinishAsync(id);
    }

    private static Dictionary<string, object?> Merge(object settings, Dictionary<string, string> mapping)
    {
        var all = JsonSerializer.SerializeToElement(settings).EnumerateObject()
            .ToDictionary(member => member.Name, member => (object?)member.Value);
        all["column_mapping"] = mapping;
        return all;
    }

    private static string Rows(int first, int count, Func<int, string> colour) =>
        Lines(first, count, i => $"N{i},ext-{i},sn-{i},{i % 5},\"{i}.50\",{colour(i)},2024-01-{(i % 28) + 1:D2},\"a, b\",t{i % 3}");

    private static string Lines(int first, int count, Func<int, string> line) =>
        string.Concat(Enumerable.Range(first, count).Select(i => line(i) + "\n"));

    private static async Task<int> CountAsync(HttpClient client, string type, string? query) =>
        (await client.PostAsync("records-count", new { record_type = type, query })).Result.GetProperty("count").GetInt32();

    private static string Outcome(JsonElement import)
    {
        long Of(string counter) => import.GetProperty(counter).GetInt64();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Of("processed_rows")}/{Of("total_rows")}: {Of("created_count")} created, {Of("updated_count")} updated, "
                + $"{Of("skipped_count")} skipped, {Of("failed_count")} failed");
    }
}
