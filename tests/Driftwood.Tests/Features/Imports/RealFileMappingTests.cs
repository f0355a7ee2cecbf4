using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The mapping that real files get, and what becomes of their rows with it.</summary>
public sealed class RealFileMappingTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Case_02_LinkedIns_pages_are_known_by_their_values()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "02-linkedin-mapping.csv",
            [
                "First Name → first_name", "Last Name → last_name", "URL → linkedin_url", "Email Address → email",
                "Company → company_name", "Position → job_title",
            ]);

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(["-|-", "-|-", "-|-"], await client.ValuesAsync("birthday", "website"));
    }

    [Fact]
    public async Task Case_03_Google_Contacts_since_2024()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "03-google-contacts-new.csv",
            [
                "First Name → first_name", "Last Name → last_name", "Organization Name → company_name", "Organization Title → job_title",
                "Birthday → birthday", "Notes → description", "Labels → tags", "E-mail 1 - Value → email", "Phone 1 - Value → phone",
                "Address 1 - Street → address", "Address 1 - City → city", "Address 1 - Region → state",
                "Address 1 - Postal Code → postal_code", "Address 1 - Country → country", "Website 1 - Value → website",
            ],
            new { tag_delimiter = " ::: " });

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        var (ida, tom) = (await FindAsync(client, "Ida"), await FindAsync(client, "Tom"));
        Assert.Equal(["* myContacts", "Suppliers", "Nordic"], ida.Tags());
        Assert.Equal(("tom@example.org", "+44 20 7946 0001"), (tom.Text("email"), tom.Text("phone")));
        var warning = Assert.Single(await client.AllAsync("imports-warnings", new { id = job.Id() }));
        Assert.Equal(("multiple_values", "2"), (warning.Text("code"), warning.Text("row_number")));
        Assert.Contains("tom.hale@example.net", warning.Text("message"), StringComparison.Ordinal);
        Assert.Contains("+44 20 7946 0002", warning.GetProperty("also")[0].Text("message"), StringComparison.Ordinal);
        Assert.Equal(1, job.GetProperty("warning_count").GetInt32());
    }

    [Fact]
    public async Task Case_04_Google_Contacts_before()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "04-google-contacts-old.csv",
            [
                "Given Name → first_name", "Family Name → last_name", "Birthday → birthday", "Notes → description",
                "Group Membership → tags", "E-mail 1 - Value → email", "Phone 2 - Value → phone", "Address 1 - Street → address",
                "Address 1 - City → city", "Address 1 - Region → state", "Address 1 - Postal Code → postal_code",
                "Address 1 - Country → country", "Organization 1 - Name → company_name", "Organization 1 - Title → job_title",
                "Website 1 - Value → website",
            ],
            new { tag_delimiter = " ::: " });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        var ida = await FindAsync(client, "Ida");
        Assert.Equal("Oslo", ida.Text("city"));
        Assert.Equal(["* My Contacts", "Suppliers"], ida.Tags());
        // Phone 1 is a fax, as the column beside it says.
        Assert.Equal("+47 21 00 00 01", ida.Text("phone"));
    }

    [Fact]
    public async Task Case_06_Outlook()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "06-outlook-english.csv",
            [
                "First Name → first_name", "Last Name → last_name", "Company → company_name", "Job Title → job_title",
                "Business Street → address", "Business City → city", "Business State → state", "Business Postal Code → postal_code",
                "Business Country/Region → country", "Business Phone → phone", "Birthday → birthday", "Categories → tags",
                "E-mail Address → email", "Notes → description", "Web Page → website",
            ],
            new { date_format = "mm-dd-yyyy", tag_delimiter = ";" });

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(
            ["Ida|+47 21 00 00 01|-", "Tom|+44 113 496 0001|1988-11-02"], await client.ValuesAsync("first_name", "phone", "birthday"));
        Assert.Equal(["Suppliers", "Nordic"], (await FindAsync(client, "Ida")).Tags());
    }

    [Fact]
    public async Task Case_13b_Mailchimp_of_a_German_account()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "13b-mailchimp-german.csv",
            [
                "E-Mail-Adresse → email", "Vorname → first_name", "Nachname → last_name", "REGION → state", "NOTES → description",
                "TAGS → tags",
            ]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
    }

    [Fact]
    public async Task Case_37_A_report_of_Salesforce()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "37-salesforce-report.csv",
            [
                "Account Name → company_name", "Contact ID → external_id", "First Name → first_name", "Last Name → last_name",
                "Title → job_title", "Mailing Street → address", "Mailing City → city", "Mailing State/Province → state",
                "Mailing Zip/Postal Code → postal_code", "Mailing Country → country", "Phone → phone", "Email → email",
            ]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
    }

    [Fact]
    public async Task Case_37b_The_Data_Loader_of_Salesforce()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "37b-salesforce-api.csv",
            [
                "Id → external_id", "FirstName → first_name", "LastName → last_name", "MailingStreet → address", "MailingCity → city",
                "MailingState → state", "MailingPostalCode → postal_code", "MailingCountry → country", "Phone → phone", "Email → email",
                "Title → job_title", "Birthdate → birthday", "Description → description",
            ]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal("003XX0000001aaaAAA", (await FindAsync(client, "Ida")).Text("external_id"));
    }

    [Fact]
    public async Task Case_38a_A_German_address_book()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "38a-german.csv",
            [
                "Vorname → first_name", "Nachname → last_name", "E-Mail-Adresse → email", "Telefon geschäftlich → phone",
                "Firma → company_name", "Position → job_title", "Straße → address", "PLZ → postal_code", "Ort → city",
                "Bundesland → state", "Land → country", "Geburtstag → birthday", "Webseite → website", "Notizen → description",
            ],
            new { date_format = "dd-mm-yyyy" });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal("1988-03-15", (await FindAsync(client, "Ida")).Text("birthday"));
    }

    [Fact]
    public async Task Case_39_HubSpot()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "39-hubspot.csv",
            [
                "Record ID → external_id", "First Name → first_name", "Last Name → last_name", "Email → email", "Phone Number → phone",
                "Associated Company → company_name", "Street Address → address", "City → city", "State/Region → state",
                "Postal Code → postal_code", "Country/Region → country", "Job Title → job_title", "Website URL → website",
                "LinkedIn URL → linkedin_url",
            ]);

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal("90071992547409931", (await FindAsync(client, "Ida")).Text("external_id"));
    }

    [Fact]
    public async Task Case_50_Headers_with_line_breaks_are_mapped_under_their_names()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "50-header-newline-bom.csv", ["E-mail\naddress → email", "First\r\nname → first_name", "City → city"]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
    }

    [Fact]
    public async Task Case_65_The_address_of_a_records_owner_is_nobody_elses()
    {
        using var client = await app.CreateClientAsync();

        var job = await ImportAsync(
            client, "65-owner-email-only.csv",
            ["Record ID → external_id", "First Name → first_name", "Last Name → last_name", "Phone Number → phone"]);

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal("external_id", job.Text("match_on"));
        Assert.Equal(["-", "-", "-"], await client.ValuesAsync("email"));
    }

    private static async Task<JsonElement> ImportAsync(HttpClient client, string file, string[] mapping, object? settings = null)
    {
        var (id, preview) = await client.UploadCaseAsync(file);
        var suggested = preview.GetProperty("suggested_mapping").EnumerateObject()
            .Select(pair => $"{pair.Name} → {pair.Value.GetString()}");
        Assert.Equal(mapping.Order(StringComparer.Ordinal), suggested.Order(StringComparer.Ordinal));
        return await client.ImportAsync(id, mapping, settings);
    }

    private static async Task<JsonElement> FindAsync(HttpClient client, string firstName) =>
        (await client.RecordsAsync()).Single(contact => contact.Text("first_name") == firstName);
}
