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
