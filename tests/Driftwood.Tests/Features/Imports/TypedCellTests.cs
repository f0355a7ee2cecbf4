using System.Net;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Dates and numbers in the formats that the confirmation states.</summary>
public sealed class TypedCellTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Dates_are_read_in_the_order_that_was_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync(
            "email,birthday\na@example.com,03/04/1990\nb@example.com,28 Feb 1990\nc@example.com,1990-02-28\nd@example.com,02/28/1990\n",
            new { date_format = "dd-mm-yyyy" });

        Assert.Equal("completed 4: 3/0/0/1", job.Outcome());
        Assert.Equal(["4 5 birthday birthday invalid_date 02/28/1990"], await client.ErrorsAsync(job.Id()));
        Assert.Equal(["1990-04-03", "1990-02-28", "1990-02-28"], await BirthdaysAsync(client));
    }

    [Fact]
    public async Task No_order_is_guessed_when_none_is_confirmed_and_the_dates_do_not_show_it()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync("email,birthday\na@example.com,03/04/1990\nb@example.com,1990-02-28\n");

        Assert.Equal("completed 2: 1/0/0/1", job.Outcome());
        Assert.Equal(("yyyy-mm-dd", false), (job.Text("date_format"), job.GetProperty("decimal_comma").GetBoolean()));
    }

    [Fact]
    public async Task Numbers_have_a_comma_when_that_was_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync(
            "name;annual_revenue;employee_count\nAcme;1.234.567,50;1.200\nBolt;1 234,5;1 200\nCog;1,234.50;7\n",
            new
            {
                column_mapping = new { name = "name", annual_revenue = "annual_revenue", employee_count = "employee_count" },
                decimal_comma = true
            }, "companies");

        Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
        Assert.Equal(["3 4 annual_revenue annual_revenue invalid_decimal 1,234.50"], await client.ErrorsAsync(job.Id()));
        Assert.Equal(
            ["1234567.50 1200", "1234.5 1200"],
            (await client.RecordsAsync("companies")).OrderBy(company => company.Text("name"))
                .Select(company => $"{company.Text("annual_revenue")} {company.Text("employee_count")}"));
    }

    [Fact]
    public async Task Midnight_after_a_date_is_how_some_programs_write_a_date()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync("email,birthday\na@example.com,3/4/1990 12:00:00 AM\n", new { date_format = "mm-dd-yyyy" });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(["1990-03-04"], await BirthdaysAsync(client));
    }

    [Fact]
    public async Task The_formats_are_part_of_what_was_confirmed()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,birthday\na@example.com,03/04/1990\n");
        var settings = new { date_format = "mm-dd-yyyy", decimal_comma = true };
        var job = (await client.ConfirmAsync(id, "email,birthday", settings)).Result;

        Assert.Equal("mm-dd-yyyy", job.Text("date_format"));
        Assert.True(job.GetProperty("decimal_comma").GetBoolean());
        _ = (await client.ConfirmAsync(id, "email,birthday", settings)).Result;
        (await client.ConfirmAsync(id, "email,birthday", new { date_format = "dd-mm-yyyy", decimal_comma = true }))
            .Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.ConfirmAsync(id, "email,birthday", new { date_format = "mm-dd-yyyy" }))
            .Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Theory]
    [InlineData("dd/mm/yyyy")]
    [InlineData("dd-mm-yy")]
    [InlineData("DD-MM-YYYY")]
    [InlineData("")]
    public async Task Other_formats_are_refused_and_the_accepted_ones_named(string format)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\na@example.com\n");
        var answer = (await client.ConfirmAsync(id, "email", new { date_format = format }))
            .Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal(["date_format: invalid_choice"], answer.Details);
        Assert.Equal("""["yyyy-mm-dd","dd-mm-yyyy","mm-dd-yyyy"]""", answer.Detail("date_format").GetProperty("accepted").GetRawText());
    }

    private static async Task<string[]> BirthdaysAsync(HttpClient client) =>
        [.. (await client.RecordsAsync()).OrderBy(contact => contact.Text("email")).Select(contact => contact.Text("birthday")!)];
}
