using System.Net;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Files of contacts that fill their companies too.</summary>
public sealed class CompanyFieldTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string File = """
        email,company.name,company.domain,company.industry,company.employee_count
        ann@gmail.com,Acme,acme.example,Steel,120
        bo@acme.example,ACME Inc,acme.example,,130
        cy@gmail.com,Bolt,,Screws,
        di@gmail.com,,,,
        ed@gmail.com,Cog,cog.example,Cogs,many

        """;

    [Fact]
    public async Task One_file_makes_contacts_and_their_companies_and_the_receipt_names_both()
    {
        using var client = await app.CreateClientAsync();

        var job = await client.ImportAsync(File);

        Assert.Equal("completed 5: 4/0/0/1", job.Outcome());
        Assert.Equal("create", job.Text("link_companies"));
        Assert.Equal(["5 6 company.employee_count company.employee_count invalid_integer many"], await client.ErrorsAsync(job.Id()));
        Assert.Equal(["Acme|acme.example|Steel|120", "Bolt|-|Screws|-"], await CompaniesAsync(client));
        var companies = (await client.RecordsAsync("companies")).ToDictionary(each => each.Text("name")!, each => each.Text("id"));
        Assert.Equal(
            [companies["Acme"], companies["Acme"], companies["Bolt"], null],
            (await client.RecordsAsync()).OrderBy(contact => contact.Text("email")).Select(contact => contact.Text("company_id")));
        var results = await client.AllAsync("imports-results", new { id = job.Id() });
        Assert.Equal(
            ["Acme created", "Acme linked", "Bolt created", "-", "-"],
            results.Select(row => row.GetProperty("company") is { ValueKind: not JsonValueKind.Null } company
                ? $"{companies.Single(pair => pair.Value == company.Text("id")).Key} {company.Text("outcome")}"
                : "-"));
        var receipt = (await client.PostAsync("imports-results-csv", new { id = job.Id() })).Text.Split("\r\n");
        Assert.EndsWith("_code,_message,_company_id,_company_outcome", receipt[0]);
        Assert.EndsWith($",{companies["Acme"]},created", receipt[1]);
        Assert.EndsWith($",{companies["Acme"]},linked", receipt[2]);
        Assert.EndsWith(",,", receipt[4]);
    }

    [Theory]
    [InlineData("skip", "Acme|acme.example|Iron|-|Oslo")]
    [InlineData("merge", "Acme|acme.example|Steel|120|Oslo")]
    [InlineData("overwrite", "Acme|acme.example|Steel|120|-")]
    public async Task A_company_that_exists_takes_values_as_the_strategy_says_and_keeps_its_name(string strategy, string expected)
    {
        using var client = await app.CreateClientAsync();
        await MakeAcmeAsync(client);

        var job = await client.ImportAsync(
            "email,company.name,company.domain,company.industry,company.employee_count,company.city\n"
                + "ann@gmail.com,Acme Holding,www.acme.example,Steel,120,\n",
            new { duplicate_strategy = strategy });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal([expected], await CompaniesAsync(client, "city"));
        var row = Assert.Single(await client.AllAsync("imports-results", new { id = job.Id() }));
        Assert.Equal(strategy == "skip" ? "linked" : "updated", row.GetProperty("company").Text("outcome"));
    }

    [Fact]
    public async Task A_later_row_changes_the_company_that_an_earlier_row_made_and_is_told_so()
    {
        using var client = await app.CreateClientAsync();

        var job = await client.ImportAsync(File, new { duplicate_strategy = "merge" });

        Assert.Equal(["Acme|acme.example|Steel|130", "Bolt|-|Screws|-"], await CompaniesAsync(client));
        var results = await client.AllAsync("imports-results", new { id = job.Id() });
        Assert.Equal(["created", "updated", "created"], results.Take(3).Select(row => row.GetProperty("company").Text("outcome")));
    }

    [Fact]
    public async Task Policies_settings_constants_and_computed_fields_work_for_companies_too()
    {
        using var client = await app.CreateClientAsync();
        await MakeAcmeAsync(client);
        var id = await client.UploadedAsync(
            "E-Mail,Industry,Town,Staff\nann@acme.example,Steel,Rome,1\nbo@acme.example,Tin,Paris,2\ncy@new.example,Tin,Paris,3\n");

        var confirmed = await client.PostAsync("imports-confirm", new
        {
            id,
            column_mapping = new Dictionary<string, object>
            {
                ["E-Mail"] = "email",
                ["Industry"] = new { field = "company.industry", policy = "fill_blank" },
                ["Town"] = new { field = "company.city", transforms = new[] { "upper" } },
                ["Staff"] = new { field = "company.employee_count", policy = "create_only" },
            },
            computed_fields = new Dictionary<string, object>
            {
                ["company.name"] = new { column = "E-Mail", transforms = new[] { "url_domain" } },
            },
            constants = new Dictionary<string, object> { ["company.country"] = "NO" },
            duplicate_strategy = "merge",
        });

        _ = confirmed.Result;
        Assert.Equal("completed 3: 3/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            ["Acme|acme.example|Iron|-|PARIS|NO", "new.example|new.example|Tin|3|PARIS|NO"],
            await CompaniesAsync(client, "city", "country"));
    }

    [Fact]
    public async Task Undo_gives_companies_their_values_back_and_removes_those_that_the_import_made()
    {
        using var client = await app.CreateClientAsync();
        await MakeAcmeAsync(client);
        var job = await client.ImportAsync(File, new { duplicate_strategy = "merge" });
        Assert.Equal(["Acme|acme.example|Steel|130", "Bolt|-|Screws|-"], await CompaniesAsync(client));
        var company = (await client.RecordsAsync("companies")).Single(each => each.Text("name") == "Acme").Id();
        var history = await client.AllAsync("records-history", new { record_type = "companies", id = company });
        Assert.Contains(history, change => change.Text("job_id") == job.Text("id"));

        var undo = (await client.PostAsync("jobs-undo", new { id = job.Id() })).Result;
        var done = await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = undo.Id() })).Result,
            each => each.Text("status") is "completed" or "failed");

        Assert.Equal("completed", done.Text("status"));
        Assert.Equal(["Acme|acme.example|Iron|-"], await CompaniesAsync(client));
        Assert.Empty(await client.RecordsAsync());
    }

    [Fact]
    public async Task An_erased_company_leaves_the_rows_of_its_contacts_and_the_receipt_in_place()
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync(File);
        var company = (await client.RecordsAsync("companies")).Single(each => each.Text("name") == "Acme").Id();

        var erase = (await client.PostAsync("records-erase", new { record_type = "companies", ids = new[] { company } })).Result;
        _ = await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = erase.Id() })).Result,
            each => each.Text("status") == "completed");

        Assert.Equal(["Bolt|-|Screws|-"], await CompaniesAsync(client));
        Assert.Equal(4, (await client.RecordsAsync()).Length);
        var results = await client.AllAsync("imports-results", new { id = job.Id(), include_values = true });
        Assert.Equal(["created", "linked"], results.Take(2).Select(row => row.GetProperty("company").Text("outcome")));
        var receipt = (await client.PostAsync("imports-results-csv", new { id = job.Id() })).Text.Split("\r\n");
        Assert.EndsWith($",{company},created", receipt[1]);
        Assert.Contains("ann@gmail.com", receipt[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_custom_field_of_companies_may_be_required_and_is_filled_by_the_file()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "companies", key = "vat", label = "VAT ID", kind = "text", required = true })).Result;

        var job = await client.ImportAsync("email,company.name,company.vat\nann@gmail.com,Acme,NO 1\nbo@gmail.com,Bolt,\n");

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        var company = Assert.Single(await client.RecordsAsync("companies"));
        Assert.Equal("NO 1", company.GetProperty("custom").Text("vat"));
        var warning = Assert.Single(await client.AllAsync("imports-warnings", new { id = job.Id() }));
        Assert.Equal("company_not_creatable", warning.Text("code"));
        Assert.Contains("VAT ID", warning.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"email":"email","A":"company.tags"}""", "", "column_mapping.A: unknown_field")]
    [InlineData("""{"email":"email","A":"company.external_id"}""", "", "column_mapping.A: unknown_field")]
    [InlineData("""{"email":"email","A":"company.id"}""", "", "column_mapping.A: unknown_field")]
    [InlineData("""{"email":"email","A":"company.name"}""", ""","link_companies":"none" """, "link_companies: conflict")]
    [InlineData("""{"A":"company.name"}""", "", "column_mapping: required")]
    [InlineData("""{"email":"email","A":"company.industry"}""", ""","link_companies":"create" """, "link_companies: not_mapped")]
    [InlineData("""{"email":"email","A":"company.name","B":"company.name"}""", "", "column_mapping.B: duplicate_field")]
    [InlineData("""{"email":"email","A":{"field":"company.name","policy":"fill_blank"}}""", "", "column_mapping.A.policy: conflict")]
    [InlineData("""{"email":"email"}""", ""","constants":{"company.domain":"a.no"}""", "constants.company.domain: conflict")]
    [InlineData("""{"email":"email"}""", ""","constants":{"company.tags":"a"}""", "constants.company.tags: unknown_field")]
    public async Task A_field_that_contacts_cannot_give_their_company_is_refused(string mapping, string more, string detail)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,A,B\na@example.com,a,b\n");

        var refused = await client.PostAsync("imports-confirm", $$"""{"id":"{{id}}","column_mapping":{{mapping}}{{more}}}""");

        Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task The_preview_of_contacts_offers_the_fields_of_their_companies_and_that_of_companies_does_not()
    {
        using var client = await app.CreateClientAsync();

        Assert.Contains("company.industry", await OfferedAsync("contacts"));
        Assert.DoesNotContain("company.industry", await OfferedAsync("companies"));

        async Task<IEnumerable<string?>> OfferedAsync(string type) =>
            (await client.UploadAsync("name\nAnn\n"u8.ToArray(), type)).Result.GetProperty("preview").GetProperty("available_fields")
                .EnumerateArray().Select(field => field.Text("value"));
    }

    private static async Task MakeAcmeAsync(HttpClient client) => _ = (await client.PostAsync(
        "companies-create", new { name = "Acme", domain = "acme.example", industry = "Iron", city = "Oslo" })).Result;

    private static async Task<string[]> CompaniesAsync(HttpClient client, params string[] more)
    {
        string[] fields = ["name", "domain", "industry", "employee_count", .. more];
        var companies = await client.RecordsAsync("companies");
        return
        [
            .. companies.Select(each => string.Join('|', fields.Select(field => each.Text(field) ?? "-"))).Order(StringComparer.Ordinal),
        ];
    }
}
