using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Contacts get the company that their row names.</summary>
public sealed class LinkCompaniesTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Mixed = """
        email,company_name,website
        ann@acme.example,Somebody,
        bo@other.example,bolt   CO,
        cy@gmail.com,Nobody,
        di@gmail.com,Twin,
        ed@gmail.com,,https://www.ACME.example/about
        fi@gmail.com,,nowhere.example
        gus@nowhere.example,,
        hal@gmail.com,,

        """;

    [Fact]
    public async Task Existing_companies_are_found_by_website_then_email_then_name()
    {
        using var client = await app.CreateClientAsync();
        await MakeCompaniesAsync(client);

        var job = await client.ImportAsync(Mixed, new { link_companies = "existing" });

        Assert.Equal("completed 8: 8/0/0/0", job.Outcome());
        Assert.Equal(("existing", 4), (job.Text("link_companies"), job.GetProperty("warning_count").GetInt32()));
        Assert.Equal(["Acme", "Bolt Co", "-", "-", "Acme", "-", "-", "-"], await CompaniesOfAsync(client));
        Assert.Equal(
            [
                "3 4 company_name company_name company_not_found Nobody",
                "4 5 company_name company_name company_ambiguous Twin",
                "6 7 website website company_not_found nowhere.example",
                "7 8 email email company_not_found gus@nowhere.example",
            ],
            await WarningsAsync(client, job.Id()));
        Assert.Empty(await client.ErrorsAsync(job.Id()));
        Assert.Equal(4, (await client.RecordsAsync("companies")).Length);
    }

    [Fact]
    public async Task Missing_companies_are_made_once_and_found_by_later_rows()
    {
        using var client = await app.CreateClientAsync();
        await MakeCompaniesAsync(client);
        var before = (await client.RecordsAsync("companies")).Select(company => company.Id()).ToHashSet();

        var job = await client.ImportAsync(
            Mixed + "ida@nobody.example, nobody ,\njo@new.example,New,\nkim@new.example,Newer,\nlea@gmail.com,NEW,\n",
                new { link_companies = "create" });

        Assert.Equal("completed 12: 12/0/0/0", job.Outcome());
        Assert.Equal(
            ["Acme", "Bolt Co", "Nobody", "-", "Acme", "-", "-", "-", "Nobody", "New", "New", "New"], await CompaniesOfAsync(client));
        Assert.Equal(
            [
                "4 5 company_name company_name company_ambiguous Twin",
                "6 7 website website company_not_creatable nowhere.example",
                "7 8 email email company_not_creatable gus@nowhere.example",
            ],
            await WarningsAsync(client, job.Id()));
        // Their ids are hashes, so they are anywhere among the others.
        var made = (await client.RecordsAsync("companies")).Where(company => !before.Contains(company.Id())).ToList();
        Assert.Equal(
            ["Nobody -", "New new.example"],
            made.Select(company => $"{company.Text("name")} {company.Text("domain") ?? "-"}").OrderDescending());
        Assert.All(made, company => Assert.Equal(job.Text("created_by"), company.Text("created_by")));
    }

    [Theory]
    [InlineData("skip", "Acme")]
    [InlineData("merge", "Acme")]
    [InlineData("overwrite", "-")]
    public async Task A_row_that_names_no_company_leaves_or_clears_it_as_the_strategy_says(string strategy, string company)
    {
        using var client = await app.CreateClientAsync();
        await MakeCompaniesAsync(client);
        _ = await client.ImportAsync("email,company_name\nann@gmail.com,Acme\n", new { link_companies = "existing" });

        var job = await client.ImportAsync(
            "email,company_name\nann@gmail.com,\n", new { link_companies = "existing", duplicate_strategy = strategy });

        Assert.Equal(0, job.GetProperty("warning_count").GetInt32());
        Assert.Equal([company], await CompaniesOfAsync(client));
    }

    [Theory]
    [InlineData("skip", "-")]
    [InlineData("merge", "Acme")]
    [InlineData("overwrite", "Acme")]
    public async Task A_matched_contact_is_linked_where_it_is_changed(string strategy, string company)
    {
        using var client = await app.CreateClientAsync();
        await MakeCompaniesAsync(client);
        _ = await client.ImportAsync("email,first_name\nann@gmail.com,Ann\n");

        var job = await client.ImportAsync(
            "email,company_name\nann@gmail.com,ACME\n", new { link_companies = "create", duplicate_strategy = strategy });

        Assert.Equal(0, job.GetProperty("warning_count").GetInt32());
        Assert.Equal([company], await CompaniesOfAsync(client));
    }

    [Fact]
    public async Task The_first_row_in_the_file_makes_the_company_though_its_contact_is_repeated()
    {
        using var client = await app.CreateClientAsync();

        _ = await client.ImportAsync(
            "email,company_name\nann@gmail.com,\nann@gmail.com,ACME\nbo@gmail.com,Acme\n",
                new { link_companies = "create", duplicate_strategy = "merge" });

        Assert.Equal(["ACME", "ACME"], await CompaniesOfAsync(client));
    }

    [Fact]
    public async Task A_row_that_fails_makes_no_company()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new { email = "taken@gmail.com", external_id = "x-1" })).Result;

        var job = await client.ImportAsync(
            "email,external_id,company_name\nann@gmail.com,x-1,Acme\nbo@@gmail,x-2,Bolt\n",
            new { link_companies = "create", match_on = "email" });

        Assert.Equal("completed 2: 0/0/0/2", job.Outcome());
        Assert.Equal(0, job.GetProperty("warning_count").GetInt32());
        Assert.Empty(await client.RecordsAsync("companies"));
    }

    [Fact]
    public async Task Companies_that_need_more_than_a_contact_tells_are_not_made()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "companies", key = "vat", label = "VAT ID", kind = "text", required = true })).Result;

        var job = await client.ImportAsync("email,company_name\nann@gmail.com,Acme\n", new { link_companies = "create" });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        var warning = Assert.Single(await client.AllAsync("imports-warnings", new { id = job.Id() }));
        Assert.Equal(
            ["row_number", "line_number", "column", "field", "code", "message", "value"],
            warning.EnumerateObject().Select(member => member.Name));
        Assert.Equal("company_not_creatable", warning.Text("code"));
        Assert.Contains("VAT ID", warning.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_are_listed_page_by_page_and_to_the_account_alone()
    {
        using var client = await app.CreateClientAsync();
        using var stranger = await app.CreateClientAsync();
        var rows = string.Concat(Enumerable.Range(0, 1_000).Select(n => $"p{n}@gmail.com,Company {n}\n"));

        var job = await client.ImportAsync("email,company_name\n" + rows, new { link_companies = "existing" });

        Assert.Equal(1_000, job.GetProperty("warning_count").GetInt32());
        var items = await client.AllAsync("imports-warnings", new { id = job.Id(), limit = 300 });
        Assert.Equal(Enumerable.Range(1, 1_000), items.Select(item => item.GetProperty("row_number").GetInt32()));
        (await stranger.PostAsync("imports-warnings", new { id = job.Id() })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("contacts", "email,company_id", "existing", "link_companies: conflict")]
    [InlineData("contacts", "first_name,phone", "existing", "link_companies: not_mapped")]
    [InlineData("contacts", "email,website", "create", "link_companies: not_mapped")]
    [InlineData("contacts", "email,company_name", "make", "link_companies: invalid_choice")]
    [InlineData("companies", "name,domain", "existing", "link_companies: conflict")]
    public async Task Refused_where_nothing_could_be_linked(string type, string columns, string link, string detail)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync(columns + "\na,b\n", type);
        var refused = await client.ConfirmAsync(id, columns, new { link_companies = link });
        Assert.Equal([detail], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    private static async Task MakeCompaniesAsync(HttpClient client)
    {
        foreach (
            var company in new object[] { new { name = "Acme", domain = "acme.example" }, new { name = "Bolt Co" }, new { name = "Twin" },
            new { name = "twin" } })
        {
            _ = (await client.PostAsync("companies-create", company)).Result;
        }
    }

    /// <summary>The name of each contact's company, <c>-</c> for none, by e-mail address.</summary>
    private static async Task<string[]> CompaniesOfAsync(HttpClient client)
    {
        var names = (await client.RecordsAsync("companies")).ToDictionary(company => company.Text("id")!, company => company.Text("name")!);
        return
        [
            .. (await client.RecordsAsync()).OrderBy(contact => contact.Text("email"), StringComparer.Ordinal)
                .Select(contact => contact.Text("company_id") is { } company ? names[company] : "-"),
        ];
    }

    private static async Task<string[]> WarningsAsync(HttpClient client, Guid id) =>
    [
        .. (await client.AllAsync("imports-warnings", new { id, limit = 1000 })).Select(warning => string.Join(
            ' ', ((string[])["row_number", "line_number", "column", "field", "code", "value"]).Select(member => warning.Text(member)))),
    ];
}
