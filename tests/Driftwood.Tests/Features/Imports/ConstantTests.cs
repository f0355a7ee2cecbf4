using System.Net;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Values that stand in no cell, and fields that several columns fill.</summary>
public sealed class ConstantTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    public static TheoryData<string, string, string[]> Refusals => new()
    {
        { """{"email":"a@example.com"}""", "constants.email: conflict", [] },
        { """{"external_id":"7"}""", "constants.external_id: conflict", [] },
        { """{"first_name":"Ann"}""", "constants.first_name: conflict", [] },
        { """{"tags":["vip"]}""", "constants.tags: conflict", [] },
        { """{"custom":{"a":1}}""", "constants.custom: unknown_member", [] },
        { """{"town":"Oslo"}""", "constants.town: unknown_member", ["city"] },
        { """{"created_by":"a"}""", "constants.created_by: read_only", [] },
        { """{"city":7}""", "constants.city: wrong_type", [] },
        { """{"city":null}""", "constants.city: required", [] },
        { """{"city":" "}""", "constants.city: required", [] },
        { """{"birthday":"03/15/1988"}""", "constants.birthday: invalid_date", [] },
        { """{"city":{"policy":"create_only"}}""", "constants.city.value: required", [] },
        { """{"city":{"value":"Oslo","policy":"never"}}""", "constants.city.policy: invalid_choice", ["overwrite", "create_only"] },
        { """{"city":{"value":"Oslo","only":true}}""", "constants.city.only: unknown_member", ["value", "policy"] },
        { "{}", "constants: required", [] },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_constant_that_no_record_could_have_is_refused(string constants, string detail, string[] accepted)
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,first_name\na@example.com,Ann\n");

        var body = $$"""{"id":"{{id}}","column_mapping":{"email":"email","first_name":"first_name"},"constants":{{constants}}}""";
        var refused = (await client.PostAsync("imports-confirm", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");

        Assert.Equal([detail], refused.Details);
        var told = refused.Error.GetProperty("details")[0];
        string[] named = told.TryGetProperty("accepted", out var list) ? [.. list.EnumerateArray().Select(word => word.GetString()!)] : [];
        Assert.Empty(accepted.Except(named));
    }

    [Fact]
    public async Task Case_36_A_constant_stands_in_all_records()
    {
        using var client = await app.CreateClientAsync();
        var (id, _) = await client.UploadCaseAsync("36-constant-for-all-rows.csv");

        var job = await client.ImportAsync(id, ["Email → email", "First Name → first_name"], new { constants = new { city = "Oslo" } });

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(["Ida|Oslo", "Tom|Oslo"], await client.ValuesAsync("first_name", "city"));
        Assert.Equal("""{"city":"Oslo"}""", job.GetProperty("constants").GetRawText());
    }

    [Fact]
    public async Task Case_47_Two_columns_fill_one_address()
    {
        using var client = await app.CreateClientAsync();
        var (id, _) = await client.UploadCaseAsync("47-address-lines.csv");

        var job = await client.ImportAsync(
            id, ["First Name → first_name", "Email → email", "Address 1 → address", "Address 2 → address", "City → city"]);

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        Assert.Equal(["Havnegata 1, 3rd floor|Oslo"], await client.ValuesAsync("address", "city"));
    }

    [Fact]
    public async Task Blank_cells_are_left_out_of_a_joined_value_and_a_joined_value_that_is_too_long_is_shown_whole()
    {
        using var client = await app.CreateClientAsync();
        var half = new string('x', 300);
        var id = await client.UploadedAsync(
            $"email,line 1,line 2,line 3\na@example.com,, B ,\nb@example.com,A,n/a,C\nc@example.com,,,\nd@example.com,{half},,{half}\n");

        var job = await client.ImportAsync(
            id,
            ["email → email", "line 1 → city", "line 2 → city", "line 3 → city"],
            new { null_values = new[] { "n/a" } });

        Assert.Equal("completed 4: 3/0/0/1", job.Outcome());
        Assert.Equal(["a@example.com|B", "b@example.com|A, C", "c@example.com|-"], await client.ValuesAsync("email", "city"));
        var error = (await client.PostAsync("imports-errors", new { id })).Result.GetProperty("items")[0];
        Assert.Equal(("too_long", "line 1"), (error.Text("code"), error.Text("column")));
        Assert.StartsWith($"{half}, xxx", error.Text("value"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constants_are_values_of_requests_whatever_the_format_of_the_file()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("name,revenue\nNordlys,\"1.000,5\"\n", "companies");

        var job = await client.ImportAsync(
            id,
            ["name → name"],
            new { decimal_comma = true, null_values = new[] { "12.5" }, constants = new { annual_revenue = 12.5, employee_count = 7 } });

        Assert.Equal("completed 1: 1/0/0/0", job.Outcome());
        var company = (await client.PostAsync("companies-list", new { })).Result.GetProperty("items")[0];
        Assert.Equal((12.5m, 7), (company.GetProperty("annual_revenue").GetDecimal(), company.GetProperty("employee_count").GetInt32()));
    }

    [Theory]
    [InlineData("merge")]
    [InlineData("overwrite")]
    public async Task A_constant_for_new_records_leaves_others_as_they_are(string strategy)
    {
        using var client = await app.CreateClientAsync();
        await client.PostAsync("fields-create", new { record_type = "contacts", key = "stage", label = "Stage", kind = "text" });
        await client.PostAsync("fields-create", new { record_type = "contacts", key = "batch", label = "Batch", kind = "integer" });
        await client.PostAsync("contacts-create", new { email = "a@example.com", city = "Rome", stage = "won", batch = 1 });
        var id = await client.UploadedAsync("email\na@example.com\nb@example.com\n");

        var job = await client.ImportAsync(id, ["email → email"], new
        {
            duplicate_strategy = strategy,
            constants = new
            {
                city = new { value = "Oslo", policy = "create_only" },
                stage = new { value = "lead", policy = "create_only" },
                state = "NO",
                batch = 2,
            },
        });

        Assert.Equal("completed 2: 1/1/0/0", job.Outcome());
        Assert.Equal(["a@example.com|Rome|NO", "b@example.com|Oslo|NO"], await client.ValuesAsync("email", "city", "state"));
        var custom = (await client.RecordsAsync()).OrderBy(each => each.Text("email")).Select(each => each.GetProperty("custom"));
        Assert.Equal(["won 2", "lead 2"], custom.Select(each => $"{each.Text("stage")} {each.GetProperty("batch").GetInt32()}"));
    }

    [Fact]
    public async Task A_row_whose_cells_are_all_blank_is_skipped_for_all_its_constants()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email,note\na@example.com,\n,only a note\n");

        var job = await client.ImportAsync(id, ["email → email"], new { constants = new { first_name = "Ann" } });

        Assert.Equal("completed 2: 1/0/1/0", job.Outcome());
    }

    [Fact]
    public async Task A_warning_about_a_constant_names_no_column()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("first_name\nIda\nTom\n");

        var job = await client.ImportAsync(
            id, ["first_name → first_name"], new { link_companies = "existing", constants = new { company_name = "Nowhere AS" } });

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Equal(2, job.GetProperty("warning_count").GetInt32());
        var warning = (await client.PostAsync("imports-warnings", new { id })).Result.GetProperty("items")[0];
        Assert.Equal(
            (null, "company_name", "company_not_found", "Nowhere AS"),
            (warning.Text("column"), warning.Text("field"), warning.Text("code"), warning.Text("value")));
    }

    [Fact]
    public async Task A_constant_that_points_nowhere_fails_each_row()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("first_name\nIda\n");

        var job = await client.ImportAsync(id, ["first_name → first_name"], new { constants = new { source_id = Guid.NewGuid() } });

        Assert.Equal("completed 1: 0/0/0/1", job.Outcome());
        var error = (await client.PostAsync("imports-errors", new { id })).Result.GetProperty("items")[0];
        Assert.Equal((null, "source_id", "not_found"), (error.Text("column"), error.Text("field"), error.Text("code")));
    }

    [Fact]
    public async Task A_constant_company_links_all_rows()
    {
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("first_name\nIda\nTom\n");

        var job = await client.ImportAsync(
            id, ["first_name → first_name"], new { link_companies = "create", constants = new { company_name = "Nordlys AS" } });

        Assert.Equal("completed 2: 2/0/0/0", job.Outcome());
        Assert.Single((await client.RecordsAsync()).Select(each => each.Text("company_id")).Distinct(), each => each is not null);
    }
}
