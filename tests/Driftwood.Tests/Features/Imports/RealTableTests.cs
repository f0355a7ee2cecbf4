using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Where the table of a real file begins, and the shape of its rows.</summary>
public sealed class RealTableTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Case_01_The_header_is_found_below_LinkedIns_notes()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("01-linkedin-preamble.csv");

        Assert.Equal(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"], preview.Headers());
        Assert.Equal("4", preview.Detected("header_row"));
        Assert.Equal(2, preview.GetProperty("total_rows").GetInt32());
        Assert.Equal(["lines_above_table 1 2"], preview.Warnings());
        var job = await client.ImportAsync(
            id, ["First Name → first_name", "URL → linkedin_url", "Email Address → email", "Company → company_name"]);
        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(["Ida|ida.berg@example.com|Nordlys AS", "Tom|-|Hale & Sons"],
            await client.ValuesAsync("first_name", "email", "company_name"));
    }

    [Fact]
    public async Task Case_01_The_header_can_be_said()
    {
        using var client = await app.CreateClientAsync();

        var (_, preview) = await client.UploadCaseAsync("01-linkedin-preamble.csv", new { header_row = 4 });

        Assert.Equal(7, preview.Headers().Length);
        Assert.Equal(2, preview.GetProperty("total_rows").GetInt32());
        Assert.Empty(preview.Warnings());
    }

    [Fact]
    public async Task Case_08_Cells_that_Excel_left_out_are_blank()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("08-excel-short-rows.csv");
        var job = await client.ImportAsync(
            id, ["First Name → first_name", "Last Name → last_name", "Email → email", "City → city", "Notes → description"]);

        Assert.Equal("completed 4: 4/0/0/0", job.Outcome());
        Assert.Equal(["missing_cells 3 2"], preview.Warnings());
        Assert.Equal(
            ["Ida|Oslo|met in Oslo", "Rex|-|-", "Tom|Leeds|-", "Uma|-|-"], await client.ValuesAsync("first_name", "city", "description"));
    }

    [Fact]
    public async Task Case_09a_A_delimiter_at_the_end_of_every_line_is_a_column_without_a_name()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("09a-trailing-delimiter-all-lines.csv");

        Assert.Equal("|", preview.Detected("delimiter"));
        Assert.Equal(["First Name", "Last Name", "Email", "Column 4"], preview.Headers());
        Assert.Equal(["empty_header 1 1"], preview.Warnings());
        Assert.Equal("completed 2: 2/0/0/0", (await client.ImportAsync(id, ["First Name → first_name", "Email → email"])).Outcome());
    }

    [Fact]
    public async Task Case_25m_A_German_Excel_file_with_short_rows()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("25m-semicolons-no-commas-short-rows.csv");
        var job = await client.ImportAsync(id, ["Name → first_name", "E-Mail → email", "Ort → city"]);

        Assert.Equal(";", preview.Detected("delimiter"));
        Assert.Equal(["Name", "E-Mail", "Ort", "Notiz"], preview.Headers());
        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(["Ida|Oslo", "Tom|Leeds", "Uma|-"], await client.ValuesAsync("first_name", "city"));
    }

    [Fact]
    public async Task Case_51_The_lines_of_a_footer_are_no_records()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("51-report-footer.csv");
        var job = await client.ImportAsync(id, ["First Name → first_name", "Last Name → last_name", "Email → email"]);

        Assert.Equal(["wrong_column_count 6 4"], preview.Warnings());
        Assert.Equal("completed 6: 2/0/0/4", job.Outcome());
        Assert.Equal(
            [6, 7, 8, 9],
            (await client.AllAsync("imports-errors", new { id, limit = 10 })).Select(error =>
            {
                Assert.Equal("wrong_column_count", error.Text("code"));
                return error.GetProperty("line_number").GetInt32();
            }));
        var csv = (await client.PostAsync("imports-errors-csv", new { id })).Text;
        Assert.Contains(
            "\r\nContacts by region,,,3,wrong_column_count,Has 1 cell where the header has 3.\r\n", csv, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case_17_A_list_without_a_header_is_read_from_its_first_line()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("17-no-header.csv");
        var job = await client.ImportAsync(
            id, ["Column 1 → email", "Column 2 → first_name", "Column 3 → last_name", "Column 4 → city"]);

        Assert.Equal("false", preview.Detected("has_header"));
        Assert.Null(preview.Detected("header_row"));
        Assert.Equal(["Column 1", "Column 2", "Column 3", "Column 4"], preview.Headers());
        Assert.Equal(3, preview.GetProperty("total_rows").GetInt32());
        Assert.Equal(["no_header 1 1"], preview.Warnings());
        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(["Ida|Oslo", "Tom|Leeds", "Uma|Pune"], await client.ValuesAsync("first_name", "city"));
    }

    [Fact]
    public async Task Case_50_Line_breaks_belong_to_the_names_of_columns()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("50-header-newline-bom.csv");
        var job = await client.ImportAsync(id, ["E-mail\naddress → email", "First\r\nname → first_name", "City → city"]);

        Assert.Equal(["E-mail\naddress", "First\r\nname", "City"], preview.Headers());
        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(["ida50@example.com|Ida|Oslo"], await client.ValuesAsync("email", "first_name", "city"));
    }

    [Fact]
    public async Task Case_25a_Semicolons_are_the_delimiter_although_the_dates_have_commas()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("25a-semicolons-comma-dates.csv");
        var job = await client.ImportAsync(id, ["Email → email", "Name → first_name"]);

        Assert.Equal(";", preview.Detected("delimiter"));
        Assert.Equal(["Date", "Email", "Amount", "Name", "Status", "Column 6"], preview.Headers());
        Assert.Equal(4, preview.GetProperty("total_rows").GetInt32());
        Assert.Equal("completed 4: 4/0/0/0", job.Outcome());
    }

    [Fact]
    public async Task Case_49b_Excels_separator_line_may_be_in_quotes()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("49b-sep-quoted.csv");
        var job = await client.ImportAsync(id, ["Email → email", "First Name → first_name", "City → city"]);

        Assert.Equal(";", preview.Detected("delimiter"));
        Assert.Equal(["Email", "First Name", "City"], preview.Headers());
        Assert.Equal(1, preview.GetProperty("total_rows").GetInt32());
        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
    }

    [Fact]
    public async Task Short_rows_fail_where_the_caller_wants_it_and_stand_in_their_columns()
    {
        using var client = await app.CreateClientAsync();

        var (id, preview) = await client.UploadCaseAsync("08-excel-short-rows.csv", new { ragged_rows = "fail" });
        var job = await client.ImportAsync(id, ["First Name → first_name", "Email → email", "City → city"]);

        Assert.Equal("fail", preview.Detected("ragged_rows"));
        Assert.Equal(["wrong_column_count 3 2"], preview.Warnings());
        Assert.Equal("completed 4: 2/0/0/2", job.Outcome());
        var csv = (await client.PostAsync("imports-errors-csv", new { id })).Text.TrimStart('\uFEFF');
        Assert.Equal(
            """
            First Name,Last Name,Email,City,Notes,_row,_code,_message
            Tom,Hale,tom08@example.com,Leeds,,2,wrong_column_count,Has 4 cells where the header has 5.
            Uma,Rao,uma08@example.com,,,3,wrong_column_count,Has 3 cells where the header has 5.

            """.ReplaceLineEndings("\r\n"),
            csv);
    }

    [Theory]
    [InlineData("email,first_name\na@example.com,Ann,\nb@example.com,Bob,\nc@example.com,\n", "3/0/0/0", "surplus_blank_cells 2 2")]
    [InlineData("email,first_name\na@example.com,Ann\nb@example.com,Bob,\nc@example.com,Cid\n", "2/0/0/1", "wrong_column_count 3 1")]
    [InlineData("email,first_name\na@example.com,Ann,\nb@example.com,Bob,x\nc@example.com,Cid,\n", "0/0/0/3", "wrong_column_count 2 3")]
    [InlineData("email,first_name\na@example.com,Ann,\n", "0/0/0/1", "wrong_column_count 2 1")]
    public async Task Blank_cells_beyond_the_header_are_dropped_only_where_the_file_has_them_throughout(
        string csv, string outcome, string warning)
    {
        using var client = await app.CreateClientAsync();

        var completed = (await client.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result;
        var id = completed.GetProperty("job").Id();
        var job = await client.ImportAsync(id, ["email → email", "first_name → first_name"]);

        Assert.Contains(warning, completed.GetProperty("preview").Warnings());
        Assert.EndsWith(outcome, job.Outcome(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"header_row": 0}""", "header_row")]
    [InlineData("""{"ragged_rows": "maybe"}""", "ragged_rows")]
    [InlineData("""{"escape": "'"}""", "escape")]
    [InlineData("""{"quote": "`"}""", "quote")]
    [InlineData("""{"quote": "'", "delimiter": "'"}""", "delimiter")]
    [InlineData("""{"encoding": "klingon"}""", "encoding")]
    public async Task What_is_no_choice_is_refused_by_name(string overrides, string field)
    {
        using var client = await app.CreateClientAsync();
        var body = System.Text.Json.Nodes.JsonNode.Parse(overrides)!.AsObject();
        body["id"] = await client.PutFileAsync("email\na@example.com\n"u8.ToArray());

        var answer = await client.PostAsync("imports-complete-upload", body);

        Assert.StartsWith(
            field, answer.Expect(System.Net.HttpStatusCode.UnprocessableEntity, "validation_failed").Details.Single(),
            StringComparison.Ordinal);
    }
}
