using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Tests the preview's report about a file's dates and numbers. The preview has read all of them.</summary>
public sealed class DetectedCellTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Theory]
    [InlineData("1990-02-28 2000-01-02", "yyyy-mm-dd")]
    [InlineData("28/02/1990 01/02/2000", "dd-mm-yyyy")]
    [InlineData("02/28/1990 01/02/2000", "mm-dd-yyyy")]
    [InlineData("28.2.1990", "dd-mm-yyyy")]
    [InlineData("28-Feb-1990 1990-02-28", "yyyy-mm-dd")]
    [InlineData("28-Feb-1990 28-02-1990", "dd-mm-yyyy")]
    [InlineData("1990-02-28 28/02/1990", "dd-mm-yyyy")]
    [InlineData("28/02/1990 02/28/1990", null)]
    [InlineData("then now", null)]
    [InlineData("19900228", null)]
    public async Task Dates_tell_their_order(string values, string? expected)
    {
        var preview = await PreviewAsync(
            "email,birthday\n" + string.Concat(values.Split(' ').Select((value, i) => $"p{i}@example.com,{value}\n")));
        Assert.Equal(expected, preview.GetProperty("detected").Text("date_format"));
        Assert.Equal(0, preview.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task Years_of_two_digits_are_warned_of_and_show_the_order_of_dates()
    {
        var preview = await PreviewAsync("email,birthday\na@example.com,28/02/90\n");
        Assert.Equal("dd-mm-yyyy", preview.GetProperty("detected").Text("date_format"));
        Assert.Equal("two_digit_year", Assert.Single(preview.GetProperty("warnings").EnumerateArray()).Text("code"));
    }

    [Fact]
    public async Task Dates_that_can_be_read_two_ways_are_not_guessed_but_warned_of()
    {
        var preview = await PreviewAsync(
            "email,birthday\na@example.com,\nb@example.com,1990-02-28\nc@example.com,03/04/1990\nd@example.com,05/06/1990\n");

        Assert.Null(preview.GetProperty("detected").Text("date_format"));
        var warning = Assert.Single(preview.GetProperty("warnings").EnumerateArray());
        Assert.Equal(("ambiguous_dates", "4", "2"), (warning.Text("code"), warning.Text("line"), warning.Text("count")));
        Assert.Contains("birthday", warning.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_of_many_rows_may_tell_and_a_few_strays_do_not_matter()
    {
        var ambiguous = string.Concat(
            Enumerable.Range(0, 3_000).Select(i => FormattableString.Invariant($"p{i}@example.com,{1 + (i % 12)}/{1 + (i % 11)}/1990\n")));
        var told = await PreviewAsync($"email,birthday\n{ambiguous}x@example.com,13/1/1990\ny@example.com,unknown\n");
        Assert.Equal("dd-mm-yyyy", told.GetProperty("detected").Text("date_format"));
        var strays = string.Concat(Enumerable.Range(0, 300).Select(i => $"q{i}@example.com,unknown\n"));
        var unlike = await PreviewAsync($"email,birthday\n{ambiguous}x@example.com,13/1/1990\n{strays}");
        Assert.Null(unlike.GetProperty("detected").Text("date_format"));
    }

    [Fact]
    public async Task A_column_that_nothing_is_suggested_for_tells_too()
    {
        var preview = await PreviewAsync("email,birthday,created at\na@example.com,03/04/1990,31/12/2024 14:30\n");
        Assert.Equal("dd-mm-yyyy", preview.GetProperty("detected").Text("date_format"));
        Assert.Equal("""{"email":"email","birthday":"birthday"}""", preview.Text("suggested_mapping"));
    }

    [Theory]
    [InlineData("1.234.567,50 12", "true")]
    [InlineData("1,5", "true")]
    [InlineData("1 234,5", "true")]
    [InlineData("1,234,567.50 12", "false")]
    [InlineData("1.5", "false")]
    [InlineData("1,234", null)]
    [InlineData("1.234 12", null)]
    [InlineData("12", null)]
    [InlineData("1,5 1.5", null)]
    [InlineData("much little", null)]
    public async Task Numbers_tell_whether_they_have_a_comma(string values, string? expected)
    {
        var rows = string.Concat(
            values.Replace("1 234", "1\u00A0234", StringComparison.Ordinal).Split(' ').Select((value, i) => $"Company {i};{value}\n"));
        var preview = await PreviewAsync("name;annual_revenue\n" + rows, "companies");
        Assert.Equal(expected, preview.GetProperty("detected").Text("decimal_comma"));
    }

    [Fact]
    public async Task Phones_and_addresses_of_computers_tell_nothing()
    {
        var preview = await PreviewAsync("email,phone,ip\na@example.com,555.123.456,192.168.1.10\nb@example.com,03/04/1990,10.0.0.1\n");
        var detected = preview.GetProperty("detected");
        Assert.Equal((null, null), (detected.Text("date_format"), detected.Text("decimal_comma")));
        Assert.Equal(0, preview.GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public async Task What_was_detected_can_be_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var rows = string.Concat(
            Enumerable.Range(1, 28).Select(day => string.Create(CultureInfo.InvariantCulture, $"p{day}@example.com,{day:00}/02/1990\n")));
        var completed = (await client.UploadAsync(Encoding.UTF8.GetBytes("email,birthday\n" + rows))).Result;
        var format = completed.GetProperty("preview").GetProperty("detected").Text("date_format");
        var id = completed.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email,birthday", new { date_format = format })).Result;
        Assert.Equal("completed 28: 28/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Theory]
    [InlineData("Anna,28.02.1990\nBo,1.3.1990\n", "dd-mm-yyyy", "1990-02-28 1990-03-01")]
    [InlineData("Anna,2/28/1990\nBo,3/1/1990\n", "mm-dd-yyyy", "1990-02-28 1990-03-01")]
    [InlineData("Anna,1990-02-28\nBo,1990-03-01\n", "yyyy-mm-dd", "1990-02-28 1990-03-01")]
    public async Task A_confirm_without_a_date_format_takes_the_detected_one_and_says_so(string rows, string format, string dates)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("first_name,birthday\n" + rows);

        var confirmed = (await client.ConfirmAsync(id, "first_name,birthday", new { dry_run = true })).Result;
        Assert.Equal((format, "false"), (confirmed.Text("date_format"), confirmed.Text("decimal_comma")));
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
        // The import after the dry run reads the file in the same way, and the format said aloud is the same setting.
        var import = (await client.ConfirmAsync(id, "first_name,birthday")).Result;
        Assert.Equal(format, import.Text("date_format"));
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(import.Id())).Outcome());
        Assert.Equal(
            import.Id(), (await client.ConfirmAsync(id, "first_name,birthday", new { date_format = format })).Result.Id());
        Assert.Equal(dates.Split(' '), (await client.RecordsAsync()).Select(contact => contact.Text("birthday")).Order());
    }

    [Fact]
    public async Task A_confirm_without_decimal_comma_takes_the_detected_one_and_says_so()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("name;annual_revenue\nNord;1.234.567,50\nSüd;12,5\n", "companies");

        var confirmed = (await client.ConfirmAsync(id, "name,annual_revenue")).Result;
        Assert.Equal("true", confirmed.Text("decimal_comma"));
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            ["12.5", "1234567.50"], (await client.RecordsAsync("companies")).Select(company => company.Text("annual_revenue")).Order());
    }

    [Fact]
    public async Task What_the_caller_says_wins_over_what_was_detected()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("first_name,birthday\nAnna,28.02.1990\n");
        var dated = (await client.ConfirmAsync(id, "first_name,birthday", new { date_format = "mm-dd-yyyy" })).Result;
        Assert.Equal("mm-dd-yyyy", dated.Text("date_format"));
        Assert.Equal("completed 1: 0/0/0/1", (await client.FinishAsync(id)).Outcome());

        var numbers = await client.UploadedAsync("name;annual_revenue\nNord;1.234.567,50\n", "companies");
        var counted = (await client.ConfirmAsync(numbers, "name,annual_revenue", new { decimal_comma = false })).Result;
        Assert.Equal("false", counted.Text("decimal_comma"));
        Assert.Equal("completed 1: 0/0/0/1", (await client.FinishAsync(numbers)).Outcome());
    }

    [Fact]
    public async Task A_certain_suggestion_is_taken_where_the_mapping_is_left_out()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("E-Mail;Vorname;Geburtstag;Lieblingsfarbe\na@example.com;Anna;28.02.1990;rot\n");

        var confirmed = (await client.PostAsync("imports-confirm", new { id })).Result;
        Assert.Equal(
            """{"E-Mail":"email","Vorname":"first_name","Geburtstag":"birthday"}""", confirmed.Text("column_mapping"));
        Assert.Equal(
            ["Columns without a suggested field are not imported: \"Lieblingsfarbe\"."],
            confirmed.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetString()));
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal("1990-02-28", Assert.Single(await client.RecordsAsync()).Text("birthday"));
        Assert.Equal(id, (await client.PostAsync("imports-confirm", new { id, column_mapping = (object?)null })).Result.Id());
    }

    [Theory]
    [InlineData("email,Frist Name\na@example.com,Anna\n", "it is not for \"Frist Name\" (first_name).")]
    [InlineData("Alpha,Beta\na,b\n", "Missing: no column of the file suggests a field.")]
    public async Task A_doubtful_suggestion_must_be_confirmed(string csv, string message)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(csv);

        var refused = (await client.PostAsync("imports-confirm", new { id }))
            .Expect(System.Net.HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(["column_mapping: required"], refused.Details);
        Assert.EndsWith(message, refused.Detail("column_mapping").Text("message"), StringComparison.Ordinal);
        Assert.Equal("uploaded", (await client.PostAsync("imports-get", new { id })).Result.Text("status"));
    }

    [Fact]
    public async Task The_formats_are_in_the_openapi_document()
    {
        using var client = app.CreateStranger();
        var document = (await client.AskAsync(new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json"))).Body;
        var schema = document.GetProperty("components").GetProperty("schemas").GetProperty("DateFormat");
        Assert.Equal("""["yyyy-mm-dd","dd-mm-yyyy","mm-dd-yyyy"]""", JsonSerializer.Serialize(schema.GetProperty("enum")));
    }

    private async Task<JsonElement> PreviewAsync(string csv, string type = "contacts")
    {
        using var client = await app.CreateClientAsync();
        return (await client.UploadAsync(Encoding.UTF8.GetBytes(csv), type)).Result.GetProperty("preview");
    }
}
