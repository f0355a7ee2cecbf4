using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>A template is imported as it is, without an error and without a warning.</summary>
public sealed class TemplateTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private static readonly string[] Kinds =
        ["text", "integer", "decimal", "boolean", "date", "datetime", "url", "email", "phone", "tags", "choice"];

    /// <summary>Kinds whose values can be unique, other than choices.</summary>
    private static readonly string[] UniqueKinds = ["text", "integer", "decimal", "date", "datetime", "url", "email", "phone"];

    public static TheoryData<string, string> TypesAndFormats => new(
        from type in new[] { "contacts", "companies", "sources", "machines", "orders" }
        from format in new[] { "csv", "xlsx" }
        select (type, format));

    [Theory]
    [MemberData(nameof(TypesAndFormats))]
    public async Task A_template_is_imported_as_it_is_without_errors_and_warnings(string type, string format)
    {
        using var client = await app.CreateClientAsync();
        await CreateTypesAsync(client);
        await CreateFieldsAsync(client, type);
        await ImportedAsync(client, type, format);
        var (mapping, record) = await ImportedAsync(client, type, format);

        var described = (await client.PostAsync("record-types-get", new { key = type })).Result;
        string[] fields =
        [
            .. described.GetProperty("fields").EnumerateArray().Where(field => !field.GetProperty("read_only").GetBoolean())
                .Select(field => field.Text("key")!),
        ];
        Assert.Equal(fields.Order(), mapping.Values.Order());
        string[] blank = [.. fields.Where(field => record.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Null)];
        Assert.Equal(type == "contacts" ? ["company_id", "source_id"] : [], blank);
        Assert.Equal(Kinds.Length + UniqueKinds.Length, record.GetProperty("custom").EnumerateObject().Count());
    }

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    public async Task Labels_that_lead_elsewhere_give_way_to_keys(string format)
    {
        using var client = await app.CreateClientAsync();
        string[] labels =
        [
            "Email", "E-mail", "City", "city", "Birthdays", "Birth Year", "ID", "=1+1", "+47 21 00 00 01", "2024-01-01", "a@example.com",
            "www.example.com", "_row", "Kind, of; thing|\"x\"", "Zoë's", "Line\nbreak", "Hid\u200Bden", new string('x', 200), "客户", "Type",
            "Full Name", "Owner", "State", "Company", "Mobile Phone",
        ];
        foreach (var (index, label) in labels.Index())
        {
            await FieldAsync(client, new { record_type = "contacts", key = $"f_{index}", kind = "text", label });
        }

        await FieldAsync(client, new { record_type = "contacts", key = "__", kind = "text" });
        var (mapping, _) = await ImportedAsync(client, "contacts", format);
        Assert.Equal("f_0", mapping["f_0"]);
        Assert.Equal("email", mapping["email"]);
        Assert.Equal("f_13", mapping["Kind, of; thing|\"x\""]);
        Assert.Equal("f_7", mapping["f_7"]);
        Assert.Equal("__", mapping["__"]);
        Assert.Equal("birthday", mapping["birthday"]);
    }

    [Fact]
    public async Task Options_that_a_spreadsheet_could_run_are_left_out_of_the_example()
    {
        using var client = await app.CreateClientAsync();
        await FieldAsync(
            client, new { record_type = "contacts", key = "sign", kind = "choice", options = new[] { "=1+1", "-", "n/a", "a, b; c" } });
        var (_, record) = await ImportedAsync(client, "contacts", "csv");
        Assert.Equal("a, b; c", record.GetProperty("custom").Text("sign"));
        (_, record) = await ImportedAsync(client, "contacts", "xlsx");
        Assert.Equal("a, b; c", record.GetProperty("custom").Text("sign"));
    }

    [Fact]
    public async Task A_workbook_has_drop_downs_text_columns_and_a_header_that_stays()
    {
        using var client = await app.CreateClientAsync();
        await FieldAsync(client, new { record_type = "sources", key = "active", kind = "boolean" });
        var options = Enumerable.Range(1, 300).Select(number => FormattableString.Invariant($"Option, {number}")).ToArray();
        await FieldAsync(client, new { record_type = "sources", key = "level", kind = "choice", options });
        using var zip = new ZipArchive(new MemoryStream(await TemplateAsync(client, "sources", "xlsx")));
        var sheet = ReadPart(zip, "xl/worksheets/sheet1.xml");
        // Without the dollar signs, each row would have the options below those of the row above.
        Assert.Contains("'Options'!$A$1:$A$2", WebUtility.HtmlDecode(sheet), StringComparison.Ordinal);
        Assert.Contains("'Options'!$B$1:$B$300", WebUtility.HtmlDecode(sheet), StringComparison.Ordinal);
        Assert.Contains("state=\"frozen\"", sheet, StringComparison.Ordinal);
        Assert.Contains("Option, 300", ReadPart(zip, "xl/worksheets/sheet2.xml"), StringComparison.Ordinal);
        Assert.Contains("state=\"hidden\"", ReadPart(zip, "xl/workbook.xml"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_template_is_of_the_account_and_of_its_own_types()
    {
        using var client = await app.CreateClientAsync();
        using var stranger = await app.CreateClientAsync();
        await CreateTypesAsync(stranger);
        var refused = await client.PostAsync("imports-template", new { model_type = "machines", format = "ods" });
        Assert.Equal(
            ["format: invalid_choice", "model_type: invalid_choice"],
            refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details.Order());
        using var answer = await client.PostAsJsonAsync(
            "/api/imports-template", new { model_type = "contacts" }, TestContext.Current.CancellationToken);
        Assert.Equal("text/csv; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("contacts-template.csv", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    /// <summary>The suggested mapping and the record.</summary>
    private static async Task<(Dictionary<string, string> Mapping, JsonElement Record)> ImportedAsync(
        HttpClient client, string type, string format)
    {
        var file = await TemplateAsync(client, type, format);
        var answer = (await client.UploadAsync(file, type)).Result;
        var preview = answer.GetProperty("preview");
        Assert.Equal("[]", preview.Text("warnings"));
        Assert.Equal(1, preview.GetProperty("total_rows").GetInt32());
        Assert.All(
            preview.GetProperty("mapping_confidence").EnumerateObject(),
            column => Assert.Equal((column.Name, 1.0), (column.Name, column.Value.GetDouble())));
        var mapping = preview.GetProperty("suggested_mapping").EnumerateObject()
            .ToDictionary(column => column.Name, column => column.Value.GetString()!);
        Assert.Equal(preview.GetProperty("headers").GetArrayLength(), mapping.Values.Distinct().Count());

        var id = answer.GetProperty("job").Id();
        var started = (await client.PostAsync("imports-confirm", new { id, column_mapping = mapping })).Result;
        Assert.False(started.TryGetProperty("warnings", out _), started.GetRawText());
        var job = await client.FinishAsync(id);
        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Empty(await client.AllAsync("imports-warnings", new { id }));
        var records = type is "machines" or "orders"
            ? await client.AllAsync("records-list", new { record_type = type })
            : await client.AllAsync($"{type}-list", new { });
        return (mapping, records[0]);
    }

    private static async Task<byte[]> TemplateAsync(HttpClient client, string type, string format)
    {
        using var answer = await client.PostAsJsonAsync(
            "/api/imports-template", new { model_type = type, format }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(format == "csv" ? "text/csv" : Xlsx, answer.Content.Headers.ContentType!.MediaType);
        return await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
    }

    private static async Task CreateTypesAsync(HttpClient client)
    {
        _ = (await client.PostAsync("record-types-create", new { key = "machines", name = "Machines" })).Result;
        _ = (await client.PostAsync("record-types-create", new { key = "orders", name = "Orders", name_is_autonumber = true })).Result;
    }

    private static async Task CreateFieldsAsync(HttpClient client, string type)
    {
        foreach (var kind in Kinds)
        {
            string[]? options = kind == "choice" ? ["Gold", "Silver"] : null;
            await FieldAsync(client, new { record_type = type, key = $"an_{kind}", kind, required = kind != "tags", options });
        }

        foreach (var kind in UniqueKinds)
        {
            await FieldAsync(client, new { record_type = type, key = $"own_{kind}", kind, unique = true });
        }
    }

    private static async Task FieldAsync(HttpClient client, object field) => _ = (await client.PostAsync("fields-create", field)).Result;

    private static string ReadPart(ZipArchive zip, string name)
    {
        using var reader = new StreamReader(zip.GetEntry(name)!.Open(), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
