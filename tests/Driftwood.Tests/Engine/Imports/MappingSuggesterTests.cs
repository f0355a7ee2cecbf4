using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;
using Xunit;

namespace Driftwood.Tests.Engine.Imports;

public sealed class MappingSuggesterTests
{
    [Fact]
    public void The_documents_example_comes_out_exactly()
    {
        var columns = Suggest(["Name", "Email", "Phone", "Company"], ["Jane Smith", "jane@example.com", "+1-555-0100", "Acme Corp"]);
        Assert.Equal(["first_name", "email", "phone", "company_name"], columns.Select(column => column.Field));
        Assert.Equal([0.9, 1.0, 1.0, 0.9], columns.Select(column => column.Confidence));
    }

    [Theory]
    [InlineData("contacts", "First Name", "first_name", 1.0)]
    [InlineData("contacts", "firstName", "first_name", 1.0)]
    [InlineData("contacts", "FIRST_NAME", "first_name", 1.0)]
    [InlineData("contacts", "Given Name", "first_name", 0.9)]
    [InlineData("contacts", "Vorname", "first_name", 0.9)]
    [InlineData("contacts", "Full Name", "first_name", 0.9)]
    [InlineData("contacts", "Frist Name", "first_name", 0.6)]
    [InlineData("contacts", "Last\u00A0Name", "last_name", 1.0)]
    [InlineData("contacts", "Surname", "last_name", 0.9)]
    [InlineData("contacts", "E-Mail", "email", 1.0)]
    [InlineData("contacts", "Emails", "email", 1.0)]
    [InlineData("contacts", "Email Address", "email", 0.9)]
    [InlineData("contacts", "emali", "email", 0.6)]
    [InlineData("contacts", "Phone Number", "phone", 0.9)]
    [InlineData("contacts", "Mobile Phone", "phone", 0.9)]
    [InlineData("contacts", "Phone 1", "phone", 0.9)]
    [InlineData("contacts", "Tel.", "phone", 0.9)]
    [InlineData("contacts", "Job Title", "job_title", 1.0)]
    [InlineData("contacts", "Position", "job_title", 0.9)]
    [InlineData("contacts", "Company Name", "company_name", 1.0)]
    [InlineData("contacts", "Organisation", "company_name", 0.9)]
    [InlineData("contacts", "LinkedIn", "linkedin_url", 0.9)]
    [InlineData("contacts", "LinkedIn URL", "linkedin_url", 1.0)]
    [InlineData("contacts", "Web Page", "website", 0.9)]
    [InlineData("contacts", "Street Address", "address", 0.9)]
    [InlineData("contacts", "Town", "city", 0.9)]
    [InlineData("contacts", "State/Province", "state", 0.9)]
    [InlineData("contacts", "ZIP Code", "postal_code", 0.9)]
    [InlineData("contacts", "Zip/Postal Code", "postal_code", 0.9)]
    [InlineData("contacts", "Country/Region", "country", 0.9)]
    [InlineData("contacts", "Date of Birth", "birthday", 0.9)]
    [InlineData("contacts", "Labels", "tags", 0.9)]
    [InlineData("contacts", "Notes", "description", 0.9)]
    [InlineData("contacts", "Legacy ID", "external_id", 0.9)]
    [InlineData("companies", "Company", "name", 0.9)]
    [InlineData("companies", "# of Employees", "employee_count", 0.9)]
    [InlineData("companies", "Number of Employees", "employee_count", 0.9)]
    [InlineData("companies", "Annual Revenue", "annual_revenue", 1.0)]
    [InlineData("companies", "Website Domain", "domain", 0.9)]
    [InlineData("companies", "Industries", null, 0)]
    [InlineData("sources", "Lead Source", "name", 0.9)]
    [InlineData("sources", "Type", "kind", 0.9)]
    [InlineData("contacts", "Lifecycle", null, 0)]
    [InlineData("contacts", "Fax", null, 0)]
    [InlineData("contacts", "", null, 0)]
    [InlineData("contacts", "\u540D\u524D", null, 0)]
    public void Knows_real_headers(string type, string header, string? field, double confidence)
    {
        var column = Assert.Single(MappingSuggester.Suggest(RecordTypes.Find(type)!, [header], []));
        Assert.Equal(new SuggestedColumn(header, field, confidence), column);
    }

    [Fact]
    public void Each_field_goes_to_the_column_that_fits_best()
    {
        Assert.Equal([null, "first_name"], Fields(Suggest(["Name", "First Name"])));
        Assert.Equal(["email", null], Fields(Suggest(["Email", "E-mail"])));
        Assert.Equal([null, "phone"], Fields(Suggest(["Mobile", "Telephone"])));
        Assert.Equal([null, "phone"], Fields(Suggest(["Phone 2", "Phone"])));
    }

    [Theory]
    [InlineData(null, "jane@example.com", "joe@example.org", "ann@example.net", "x@example.com", "n/a")]
    [InlineData(null, "+1-555-0100", "(555) 010-0199", "+4722334455", "555-0100", "+49 30 901820")]
    [InlineData("website", "https://example.com", "http://example.org/x", "www.example.net", "", " ")]
    [InlineData("website", "example.com", "example.org", "example.net")]
    [InlineData("linkedin_url", "https://www.linkedin.com/in/jane", "linkedin.com/in/joe")]
    [InlineData(null, "600 123 456", "700 654 321")]
    [InlineData(null, "1990-02-28", "1985-01-01")]
    [InlineData(null, "28/02/1990", "01/12/1985")]
    [InlineData(null, "2.28.1990", "Dec 1, 1985")]
    [InlineData(null, "1234567", "7654321")]
    [InlineData(null, "192.168.1.10", "10.0.0.1")]
    [InlineData(null, "1234567.50", "7654321.25")]
    [InlineData(null, "jane@example.com", "joe@example.org", "nobody", "nothing")]
    [InlineData(null, "", " ")]
    [InlineData(null, "a/b", "c/d")]
    public void Looks_at_the_values_where_the_header_says_nothing(string? field, params string[] samples)
    {
        var column = Assert.Single(
            MappingSuggester.Suggest(RecordTypes.Contacts, ["Column X"], [.. samples.Select(sample => new[] { sample })]));
        Assert.Equal(new SuggestedColumn("Column X", field, field is null ? 0 : 0.4), column);
    }

    [Fact]
    public void Dates_of_the_row_are_no_birthdays() =>
        Assert.Equal([null, null], Fields(Suggest(["Created At", "Last Contacted"], ["2025-01-02", "2025-03-04"])));

    [Fact]
    public void Hosts_of_companies_are_matched_on_and_so_not_guessed_and_addresses_are_websites() =>
        Assert.Equal(
            [null, "website"],
            Fields(MappingSuggester.Suggest(RecordTypes.Companies, ["A", "B"], [["example.com", "https://example.com/"]])));

    [Theory]
    [InlineData("id", "550e8400-e29b-41d4-a716-446655440000", "id")]
    [InlineData("ID", "550e8400-e29b-41d4-a716-446655440000", "id")]
    [InlineData("id", "17", "external_id")]
    [InlineData("Record ID", "90071992547409931", "external_id")]
    [InlineData("id", "", null)]
    [InlineData("Record ID", "550e8400-e29b-41d4-a716-446655440000", null)]
    [InlineData("Company ID", "550e8400-e29b-41d4-a716-446655440000", "company_id")]
    [InlineData("Company ID", "17", null)]
    public void Ids_are_suggested_only_where_they_can_be_ours(string header, string sample, string? field) =>
        Assert.Equal([field], Fields(Suggest([header], [sample])));

    [Fact]
    public void An_id_beside_another_match_field_is_left_alone_as_a_confirmation_would_refuse_it()
    {
        var suggested = MappingSuggester.Suggest(
            RecordTypes.Contacts, ["id", "email"], [["01977c20-11aa-7b3c-9d4e-5f6071829304", "jane@example.com"]]);

        Assert.Equal([null, "email"], suggested.Select(column => column.Field));
    }

    [Fact]
    public void Ragged_rows_and_no_rows_are_no_trouble()
    {
        Assert.Empty(MappingSuggester.Suggest(RecordTypes.Contacts, [], [["a"]]));
        Assert.Equal(["email", null], Fields(MappingSuggester.Suggest(RecordTypes.Contacts, ["Email", "?"], [[], ["a"], ["a", "b", "c"]])));
    }

    private static IReadOnlyList<SuggestedColumn> Suggest(string[] headers, params string[][] rows) =>
        MappingSuggester.Suggest(RecordTypes.Contacts, headers, rows);

    private static IEnumerable<string?> Fields(IEnumerable<SuggestedColumn> columns) => columns.Select(column => column.Field);
}
