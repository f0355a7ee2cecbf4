using System.Net;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>imports-preview shows the first rows as the settings would import them.</summary>
public sealed class SampleRowsTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Transforms_maps_defaults_computed_fields_and_constants_are_shown_applied()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(
            "E-Mail,Name,Town,Tags\nann@acme.example,\"Berg, Ann\",osl,\"a, b\"\nbo@example.com,Bo Hale,,\n");

        var rows = await RowsAsync(client, new
        {
            id,
            column_mapping = new Dictionary<string, object>
            {
                ["E-Mail"] = "email",
                ["Town"] = new { field = "city", value_map = new { osl = "Oslo" }, @default = "Rome", transforms = new[] { "lower" } },
                ["Tags"] = "tags",
            },
            computed_fields = new Dictionary<string, object>
            {
                ["last_name"] = new { column = "Name", transforms = new object[] { new { name = "split_name", part = "last" } } },
                ["company.name"] = new { column = "E-Mail", transforms = new[] { "url_domain" } },
            },
            constants = new { country = "NO" },
        });

        Assert.Equal(
            [
                "1 2 email=ann@acme.example city=Oslo tags=a, b company.name=acme.example last_name=Berg country=NO",
                "2 3 email=bo@example.com city=Rome tags=- company.name=example.com last_name=Hale country=NO",
            ],
            rows.Select(row => $"{row.Text("row_number")} {row.Text("line_number")} " + string.Join(
                ' ', row.GetProperty("values").EnumerateObject().Select(value => $"{value.Name}={value.Value.GetString() ?? "-"}"))));
        Assert.Empty(await client.RecordsAsync());
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));
    }

    [Fact]
    public async Task Cells_that_fail_or_are_taken_in_part_are_named_as_the_import_names_them()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(
            "email,phone,birthday\nnobody,1,1990-01-01\nann@example.com,+47 22 11 11 11 / +47 22 11 11 12,yesterday\nb@example.com\n");
        var mapping = new { email = "email", phone = "phone", birthday = "birthday" };

        var rows = await RowsAsync(client, new { id, column_mapping = mapping });

        var told = rows.SelectMany(row => row.GetProperty("errors").EnumerateArray()
            .Select(cell => $"{row.Text("row_number")} {row.Text("line_number")} {cell.Text("column") ?? "-"} {cell.Text("field") ?? "-"} "
                + $"{cell.Text("code")} {cell.Text("value") ?? "-"}")).ToList();
        Assert.Equal("multiple_values", Assert.Single(rows[1].GetProperty("warnings").EnumerateArray()).Text("code"));
        _ = (await client.ConfirmAsync(id, "email,phone,birthday")).Result;
        _ = await client.FinishAsync(id);
        var failed = await client.ErrorsAsync(id);
        Assert.Equal(failed, told.DistinctBy(text => text[..3]));
    }

    [Fact]
    public async Task Rows_are_bounded_and_settings_are_checked_as_when_they_are_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\n" + string.Concat(Enumerable.Range(0, 30).Select(n => $"p{n}@example.com\n")));

        Assert.Equal(10, (await RowsAsync(client, new { id })).Count);
        Assert.Equal(3, (await RowsAsync(client, new { id, limit = 3 })).Count);
        await RefusedAsync(new { id, limit = 101 }, HttpStatusCode.UnprocessableEntity, "validation_failed");
        await RefusedAsync(
            new { id, column_mapping = new { email = "town" } }, HttpStatusCode.UnprocessableEntity, "validation_failed");
        await RefusedAsync(new { id = Guid.CreateVersion7() }, HttpStatusCode.NotFound, "not_found");
        var pending = (await client.RequestUploadAsync()).Id;
        await RefusedAsync(new { id = pending }, HttpStatusCode.Conflict, "invalid_state");
        using var other = await app.CreateClientAsync();
        (await other.PostAsync("imports-preview", new { id })).Expect(HttpStatusCode.NotFound, "not_found");

        async Task RefusedAsync(object request, HttpStatusCode status, string code) =>
            (await client.PostAsync("imports-preview", request)).Expect(status, code);
    }

    private static async Task<IReadOnlyList<JsonElement>> RowsAsync(HttpClient client, object request) =>
        [.. (await client.PostAsync("imports-preview", request)).Result.GetProperty("rows").EnumerateArray()];
}
