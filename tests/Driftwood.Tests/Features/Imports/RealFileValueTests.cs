using System.Net;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The values of real files, imported with the mapping that was suggested.</summary>
public sealed class RealFileValueTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    [Fact]
    public async Task Case_05_A_birthday_without_a_year_is_left_blank_with_a_warning()
    {
        using var client = await app.CreateClientAsync();

        var (job, preview) = await ImportAsync(client, "05-birthday-without-year.csv");

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(["Ida|-", "Tom|1988-11-02", "Uma|-"], await client.ValuesAsync("first_name", "birthday"));
        Assert.Equal(["1 birthday date_without_year --03-15", "3 birthday date_without_year  --12-24"], await WarningsAsync(client, job));
        Assert.Equal(["date_without_year 2 2"], preview.Warnings());
    }

    [Fact]
    public async Task Case_12_Phones_lose_their_invisible_marks()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "12-phone-invisible.csv");

        Assert.Equal("completed 6: 6/0/0/0", job.Outcome());
        string[] keys = ["+155501000199", "+33123456789", "+4721000001", "+441134960001", "+49301234567", "+912200000001"];
        Assert.Equal(
            keys.Order(StringComparer.Ordinal), await KeysAsync(job));
        var created = await client.PostAsync("contacts-create", new { phone = "\u202A+47 21\u202F00\u201100\u201301\u202C" });
        Assert.Equal("+47 21 00-00-01", created.Result.Text("phone"));
    }

    [Fact]
    public async Task Case_13_Tags_in_quotes_lose_them()
    {
        using var client = await app.CreateClientAsync();

        var (job, preview) = await ImportAsync(client, "13-mailchimp.csv");

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(["VIP", "Trade Fair"], (await FindAsync(client, "Ida")).Tags());
        Assert.Equal(["Customer"], (await FindAsync(client, "Tom")).Tags());
        Assert.Equal(["1 birthday date_without_year 03/15"], await WarningsAsync(client, job));
        Assert.False(preview.GetProperty("suggested_mapping").TryGetProperty("CC", out _));
    }

    [Fact]
    public async Task Case_18_Null_markers_are_found_and_confirmed()
    {
        using var client = await app.CreateClientAsync();

        var (job, preview) = await ImportAsync(client, "18-null-literals.csv", new { null_values = new[] { "NULL", "\\N" } });

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal("""["NULL","\\N"]""", preview.Detected("null_values"));
        Assert.Contains("null_value 2 1", preview.Warnings());
        Assert.Equal(
            ["Ida|-|Oslo|-|-", "Tom|Hale|-|-|-", "Uma|Rao|-|1988-11-02|+91 22 0000 0001"],
            await client.ValuesAsync("first_name", "last_name", "city", "birthday", "phone"));
    }

    [Fact]
    public async Task Case_19_Texts_that_are_written_as_formulas_for_Excel_are_read()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "19-equals-quote.csv");

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(
            ["000123|01501|0047210000", "000124|02138|+44 113 496 0001"], await client.ValuesAsync("external_id", "postal_code", "phone"));
        var other = await client.ImportAsync("email,description\na@example.com,=1+1\nb@example.com,\"=\"\"a\"\"&\"\"b\"\"\"\n");
        Assert.Equal("completed 2: 2/0/0/0", other.Outcome());
        Assert.Equal(["=\"a\"&\"b\"", "=1+1"], (await client.ValuesAsync("description"))[2..]);
    }

    [Fact]
    public async Task Case_20_Whole_numbers_may_have_a_zero_fraction()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "20-float-integers.csv", type: "companies");

        Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
        var companies = await client.RecordsAsync("companies");
        Assert.Equal(
            ["Hale & Sons|-|-", "Nordlys AS|50|1200000.0"],
            companies.Select(c => $"{c.Text("name")}|{c.Text("employee_count") ?? "-"}|{c.Text("annual_revenue") ?? "-"}")
                .Order(StringComparer.Ordinal));
        var error = Assert.Single(await client.AllAsync("imports-errors", new { id = job.Id() }));
        Assert.Equal(("invalid_decimal", "5e6"), (error.Text("code"), error.Text("value")));
        Assert.Equal("Found 5e6, which has an exponent; expected all digits, such as 5000000.", error.Text("message"));
    }

    [Theory]
    [InlineData("50.5", "Found 50.5, which is not whole; expected a whole number such as 50.")]
    [InlineData("some", "Found some, which is not a number; expected a whole number such as 50.")]
    [InlineData("5e6", "Found 5e6, which has an exponent; expected all digits, such as 5000000.")]
    [InlineData("50.000", "Found 50.000, which may be a decimal or have thousands; expected a whole number without a separator, "
        + "or the setting decimal_comma.")]
    [InlineData("9223372036854775808", "Found 9223372036854775808, which is too large; expected a number between "
        + "-9223372036854775808 and 9223372036854775807.")]
    public async Task Messages_say_what_is_wrong_with_the_value(string cell, string message)
    {
        using var client = await app.CreateClientAsync();
        var job = await client.ImportAsync($"name,employee_count\nNordlys AS,{cell}\n", modelType: "companies");
        Assert.Equal(message, Assert.Single(await client.AllAsync("imports-errors", new { id = job.Id() })).Text("message"));
    }

    [Fact]
    public async Task Case_21_A_domain_and_its_Punycode_are_one()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "21-idn-email.csv", new { duplicate_strategy = "merge" });

        Assert.Equal("completed 2: 1/1/0/0", job.Outcome());
        Assert.Equal(["Bergen"], await client.ValuesAsync("city"));
    }

    [Fact]
    public async Task Case_22a_Composed_and_decomposed_letters_are_one()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "22a-nfc-nfd-email.csv", new { duplicate_strategy = "merge" });

        Assert.Equal("completed 2: 1/1/0/0", job.Outcome());
        var contact = Assert.Single(await client.RecordsAsync());
        Assert.Equal("Bergen", contact.Text("city"));
        Assert.Equal(["Caf\u00E9"], contact.Tags());
        foreach (var e in (string[])["\u00E9", "e\u0301"])
        {
            object[] filters =
            [
                new { field = "first_name", op = "eq", value = "Jos" + e }, new { field = "first_name", op = "contains", value = "os" + e },
                new { field = "email", op = "eq", value = $"jos{e}@example.com" },
                new { field = "tags", op = "has_tag", value = "Caf" + e },
            ];
            foreach (var filter in filters)
            {
                Assert.Single((await client.PostAsync("contacts-list", new { filter })).Result.GetProperty("items").EnumerateArray());
            }

            var duplicate = await client.PostAsync("contacts-create", new { email = $"jos{e}@example.com" });
            Assert.Equal(["email: duplicate_value"], duplicate.Details);
        }
    }

    [Fact]
    public async Task Case_26_Years_of_two_digits_are_read_if_their_century_is_said()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(
            client, "26-two-digit-and-yearless.csv", new { date_format = "mm-dd-yyyy", two_digit_years = 30 });

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(30, job.GetProperty("two_digit_years").GetInt32());
        Assert.Equal(["Ida|1988-03-15", "Tom|1988-11-02", "Uma|-"], await client.ValuesAsync("first_name", "birthday"));
        Assert.Equal(["3 birthday date_without_year 12/24"], await WarningsAsync(client, job));
    }

    [Fact]
    public async Task Case_26_Without_the_setting_they_are_refused()
    {
        using var client = await app.CreateClientAsync();

        var (job, preview) = await ImportAsync(client, "26-two-digit-and-yearless.csv", new { date_format = "mm-dd-yyyy" });

        Assert.Equal("completed 3: 2/0/0/1", job.Outcome());
        Assert.Equal(["1 2 Birthday birthday invalid_date 3/15/88"], await client.ErrorsAsync(job.Id()));
        Assert.Contains("two_digit_year 2 1", preview.Warnings());
    }

    [Fact]
    public async Task Case_45_Addresses_come_out_of_what_mail_programs_write()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "45-email-forms.csv");

        Assert.Equal("completed 6: 5/0/0/1", job.Outcome());
        Assert.Equal(
            ["ida45@example.com", "rex45@example.com", "tom45@example.com", "uma45@example.com", "zoe45+news@example.com"],
            await client.ValuesAsync("email"));
        var error = Assert.Single(await client.AllAsync("imports-errors", new { id = job.Id() }));
        Assert.Equal("invalid_email", error.Text("code"));
        const string Why = ", which has several e-mail addresses; expected one such as jane@example.com.";
        Assert.EndsWith(Why, error.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Case_53_Tags_are_split_at_the_delimiter_that_was_confirmed()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "53-tag-delimiters.csv", new { tag_delimiter = ";" });

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal(["vip", "nordic", "supplier"], (await FindAsync(client, "Ida")).Tags());
        Assert.Equal(["vip", "customer"], (await FindAsync(client, "Tom")).Tags());
        Assert.Equal(["vip"], (await FindAsync(client, "Uma")).Tags());
    }

    [Fact]
    public async Task Case_54_Placeholders_of_forms_are_blank()
    {
        using var client = await app.CreateClientAsync();

        var (job, preview) = await ImportAsync(
            client, "54-website-placeholder.csv", new { null_values = new[] { "http://", "n/a", "-" } }, "companies");

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        Assert.Equal("""["n/a","-","http://"]""", preview.Detected("null_values"));
        Assert.Equal(
            ["Rao54|-|-", "Nordlys54 AS|-|+47 21 00 00 01", "Hale54|https://hale54.example|-"],
            (await client.RecordsAsync("companies")).Select(c => $"{c.Text("name")}|{c.Text("website") ?? "-"}|{c.Text("phone") ?? "-"}")
                .Order(StringComparer.Ordinal).Reverse());
    }

    [Fact]
    public async Task Case_55_The_Turkish_I_makes_one_contact_and_two_tags()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "55-turkish-i.csv", new { duplicate_strategy = "merge" });

        Assert.Equal("completed 2: 1/1/0/0", job.Outcome());
        var contact = Assert.Single(await client.RecordsAsync());
        Assert.Equal("info55@example.com", contact.Text("email"));
        Assert.Equal(["\u0130stanbul", "istanbul"], contact.Tags());
    }

    [Fact]
    public async Task Case_61_Three_spellings_are_one_company()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "61-same-company.csv", new { link_companies = "create" });

        Assert.Equal("completed 3: 3/0/0/0", job.Outcome());
        var company = Assert.Single(await client.RecordsAsync("companies")).Text("id")!;
        Assert.Equal([company, company, company], await client.ValuesAsync("company_id"));
    }

    [Fact]
    public async Task Case_66_One_number_in_several_forms_is_one()
    {
        using var client = await app.CreateClientAsync();

        var (job, _) = await ImportAsync(client, "66-phone-forms.csv", new { match_on = "phone", duplicate_strategy = "merge" });

        Assert.Equal("completed 6: 2/4/0/0", job.Outcome());
        Assert.Equal(["Ida|four", "Kai|six"], await client.ValuesAsync("first_name", "city"));
    }

    [Fact]
    public async Task Case_67_Blank_cells_keep_or_clear()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync("contacts-create", new { email = "ida67@example.com", first_name = "Ida", city = "Oslo" })).Result;

        var (kept, _) = await ImportAsync(client, "67-blank-clears.csv", new { duplicate_strategy = "merge" });
        Assert.Equal("completed 1: 0/1/0/0", kept.Outcome());
        Assert.Equal(["Ida|Bergen"], await client.ValuesAsync("first_name", "city"));

        var (cleared, _) = await ImportAsync(client, "67-blank-clears.csv", new { duplicate_strategy = "merge", blank_cells = "clear" });
        Assert.Equal("completed 1: 0/1/0/0", cleared.Outcome());
        Assert.Equal(["-|Bergen"], await client.ValuesAsync("first_name", "city"));
    }

    [Fact]
    public async Task Numbers_of_a_country_are_one_in_all_their_forms()
    {
        using var client = await app.CreateClientAsync();

        var job = await client.ImportAsync(
            "phone,first_name,city\n0171 1234567,Ida,one\n+49 171 1234567,Ida,two\n0049 (0)171/1234567,Ida,three\n030 123,Kai,four\n",
            new { match_on = "phone", duplicate_strategy = "merge", phone_country = "de" });

        Assert.Equal("completed 4: 2/2/0/0", job.Outcome());
        Assert.Equal("DE", job.Text("phone_country"));
        Assert.Equal(["+4930123|Kai|four", "0049 (0)171/1234567|Ida|three"], await client.ValuesAsync("phone", "first_name", "city"));
        var refused = await client.PostAsync(
            "imports-confirm", new { id = job.Id(), column_mapping = new { phone = "phone" }, phone_country = "Atlantis" });
        Assert.Equal(["phone_country: invalid_choice"], refused.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed").Details);
    }

    [Fact]
    public async Task A_key_that_a_spreadsheet_has_shortened_matches_nothing()
    {
        using var client = await app.CreateClientAsync();

        var completed = (await client.UploadAsync(Encoding.UTF8.GetBytes("external_id,first_name\n9.00720E+16,Ida\n17,Tom\n"))).Result;
        Assert.Equal(["shortened_number 2 1"], completed.GetProperty("preview").Warnings());
        var id = completed.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "external_id,first_name")).Result;

        var job = await client.FinishAsync(id);

        Assert.Equal("completed 2: 1/0/0/1", job.Outcome());
        Assert.Equal(["1 2 external_id external_id shortened_number 9.00720E+16"], await client.ErrorsAsync(id));
    }

    [Fact]
    public async Task A_required_date_without_a_year_fails_its_row()
    {
        using var client = await app.CreateClientAsync();
        _ = (await client.PostAsync(
            "fields-create", new { record_type = "contacts", key = "since", label = "Since", kind = "date", required = true })).Result;

        var job = await client.ImportAsync("email,since\na@example.com,--03-15\nb@example.com,0000-00-00\nc@example.com,2020-01-01\n");

        Assert.Equal("completed 3: 1/0/0/2", job.Outcome());
        Assert.Equal(0, job.GetProperty("warning_count").GetInt32());
    }

    private static async Task<(JsonElement Job, JsonElement Preview)> ImportAsync(
        HttpClient client, string file, object? settings = null, string type = "contacts")
    {
        var completed = (await client.UploadAsync(RealFiles.Read(file), type)).Result;
        var preview = completed.GetProperty("preview");
        string[] mapping =
            [.. preview.GetProperty("suggested_mapping").EnumerateObject().Select(pair => $"{pair.Name} → {pair.Value.GetString()}")];
        return (await client.ImportAsync(completed.GetProperty("job").Id(), mapping, settings), preview);
    }

    private static async Task<JsonElement> FindAsync(HttpClient client, string firstName) =>
        (await client.RecordsAsync()).Single(contact => contact.Text("first_name") == firstName);

    /// <summary><c>row field code value</c> of each warning.</summary>
    private static async Task<string[]> WarningsAsync(HttpClient client, JsonElement job)
    {
        var warnings = await client.AllAsync("imports-warnings", new { id = job.Id() });
        Assert.Equal(warnings.Length, job.GetProperty("warning_count").GetInt32());
        return [.. warnings.Select(w => $"{w.Text("row_number")} {w.Text("field")} {w.Text("code")} {w.Text("value")}")];
    }

    private async Task<string[]> KeysAsync(JsonElement job) => ((string)(await app.ScalarAsync($"""
        select string_agg(phone_key, ' ' order by phone_key collate "C") from contacts
        where account_id = (select account_id from jobs where id = '{job.Id()}')
        """))!).Split(' ');
}
