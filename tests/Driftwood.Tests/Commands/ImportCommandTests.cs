using System.Text.Json;
using System.Text.RegularExpressions;
using Driftwood.Tests.Engine.Files.Workbooks;

namespace Driftwood.Tests.Commands;

[Collection(nameof(EmbeddedNode))]
public sealed class ImportCommandTests(EmbeddedNode node) : IDisposable
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"driftwood-import-{Guid.NewGuid():N}.csv");

    [Fact]
    public async Task Every_row_in_is_exit_code_0()
    {
        var ended = await ImportAsync("Mail;Vorname\nada@example.com;Ada\ngrace@example.com;Grace\n", "--map", "Vorname=first_name");
        AssertEnded(ended, 0, "2 of 2 rows: 2 created, 0 updated, 0 skipped, 0 failed");
        Assert.Matches("Vorname +first_name +Ada", ended.Output);
    }

    [Fact]
    public async Task An_import_is_taken_back_by_the_id_that_it_says()
    {
        var imported = await ImportAsync("Email\nback1@example.com\nback2@example.com\n");
        AssertEnded(imported, 0, "2 created");
        var id = Regex.Match(imported.Output, "To take it back: undo ([0-9a-f-]{36})").Groups[1].Value;

        var foretold = await node.RunAsync("undo", id, "--dry-run", "--url", node.Address.ToString());
        AssertEnded(foretold, 0, "Dry run completed: 2 taken back, 0 kept, 0 failed");
        var undone = await node.RunAsync("undo", id, "--url", node.Address.ToString());

        AssertEnded(undone, 0, "Undo completed: 2 taken back, 0 kept, 0 failed");
        var again = await node.RunAsync("undo", id, "--url", node.Address.ToString());
        Assert.Contains("jobs-undo: not_undoable: The job", again.Expect(1).Notes, StringComparison.Ordinal);
        Assert.Contains("Cannot parse argument", (await node.RunAsync("undo", "x")).Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_and_its_manifest_prove_the_file()
    {
        AssertEnded(await ImportAsync("Email\nproof@example.com\nnot an address\n", "--receipt"), 4, "1 created", "-results.csv");
        var beside = Path.Combine(Path.GetTempPath(), Path.GetFileNameWithoutExtension(_file));
        var (manifest, receipt) = ($"{beside}-manifest.json", $"{beside}-results.csv");
        Assert.Contains("proof@example.com,1,created,", await File.ReadAllTextAsync(receipt, Cancelled), StringComparison.Ordinal);

        var verified = await node.RunAsync("verify", manifest, _file, receipt);
        AssertEnded(verified, 0, "The file is the one of the import", "1 created, 0 updated, 0 skipped, 1 failed");
        var key = Regex.Match(verified.Output, "by the key ([0-9a-f]{64})").Groups[1].Value;
        AssertEnded(await node.RunAsync("verify", manifest, _file, receipt, "--key", key), 0, "The receipt is the one");
        var another = (await node.RunAsync("verify", manifest, _file, receipt, "--key", "00")).Expect(2);
        Assert.Contains("The key is not 00.", another.Notes, StringComparison.Ordinal);
        await File.AppendAllTextAsync(receipt, "x", Cancelled);
        var changed = (await node.RunAsync("verify", manifest, _file, receipt)).Expect(2);
        Assert.Contains("is not the receipt of the import", changed.Notes, StringComparison.Ordinal);
        var unsigned = (await node.RunAsync("verify", _file, _file, receipt)).Expect(2);
        Assert.Contains("has no valid signature", unsigned.Notes, StringComparison.Ordinal);
        File.Delete(manifest);
        File.Delete(receipt);
    }

    [Fact]
    public async Task A_failed_row_is_exit_code_4_and_is_listed()
    {
        var ended = await ImportAsync("Email\nalan@example.com\nnot an address\n");
        AssertEnded(ended, 4, "1 created, 0 updated, 0 skipped, 1 failed");
        Assert.Matches("2 +3 +Email +invalid_email", ended.Output);
    }

    [Fact]
    public async Task The_form_of_the_file_can_be_said()
    {
        var ended = await ImportAsync(
            "List\nEmail;Name;City\nform1@example.com;\"The \\\"Best\\\"\"\nform2@example.com;Bo;Oslo\n",
            "--encoding", "windows-1250", "--delimiter", ";", "--header-row", "2", "--ragged-rows", "fail", "--escape", "\\");
        AssertEnded(
            ended, 4, "1 created, 0 updated, 0 skipped, 1 failed", "Detected: windows-1250, delimiter ;,", "header in record 2;");
        Assert.Matches("1 +3 +wrong_column_count", ended.Output);

        var single = await ImportAsync("Email,Name\nform3@example.com,'Berg, Ida'\n", "--quote", "'");
        AssertEnded(single, 0, "1 created, 0 updated, 0 skipped, 0 failed", "single_quotes:");

        var headless = await ImportAsync("Email\n", "--no-header", "--map", "Column 1=first_name");
        AssertEnded(headless, 0, "1 created, 0 updated, 0 skipped, 0 failed");
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_and_writes_nothing()
    {
        const string File = "Email,Born,Company\ntry@example.com,28.02.1990,Dry Dock\n";
        string[] settings = [
            "--date-format", "dd-mm-yyyy", "--decimal-comma", "--link-companies", "create", "--map", "Born=birthday", "--map",
            "Company=company_name"];
        var tried = await ImportAsync(File, [.. settings, "--dry-run"]);
        AssertEnded(tried, 0, "Dry run completed: 1 of 1 rows: 1 created, 0 updated", "No record was written.");

        var imported = await ImportAsync(File, settings);
        AssertEnded(imported, 0, "Import completed: 1 of 1 rows: 1 created, 0 updated");
    }

    [Fact]
    public async Task The_values_of_the_file_can_be_said()
    {
        var ended = await ImportAsync(
            "Email,Phone,Birthday\nvalue1@example.com,21 00 00 01,28/02/90\nvalue2@example.com,NULL,-\n",
            "--date-format", "dd-mm-yyyy", "--two-digit-years", "30", "--phone-country", "NO", "--null-value", "NULL", "--null-value", "-");
        AssertEnded(
            ended, 0, "2 created, 0 updated, 0 skipped, 0 failed", "null_value: 1 cells of Phone, the first in line 3, are NULL");
    }

    [Fact]
    public async Task Dates_and_numbers_are_read_as_detected_unless_they_are_said()
    {
        const string File = "Email;Birthday;Umsatz\ndetected@example.com;28.02.1990;1.234,50\n";
        var ended = await ImportAsync(File);
        AssertEnded(
            ended, 0, "1 created, 0 updated, 0 skipped, 0 failed", "Dates are read as dd-mm-yyyy.",
            "Numbers are read with a decimal comma.");

        var said = await ImportAsync(File, "--date-format", "mm-dd-yyyy", "--decimal-comma", "false");
        AssertEnded(
            said, 4, "0 created, 0 updated, 0 skipped, 1 failed", "Dates are read as mm-dd-yyyy.",
            "Numbers are read with a decimal point.");
    }

    [Fact]
    public async Task The_finished_import_is_one_JSON_object_and_all_else_is_notes()
    {
        var ended = await ImportAsync("Email\njson1@example.com\nnot an address\n", "--json");

        var job = JsonDocument.Parse(ended.Expect(4).Output).RootElement;
        Assert.Equal(("completed", 1), (job.GetProperty("status").GetString(), job.GetProperty("created_count").GetInt32()));
        Assert.EndsWith("/errors.csv", job.GetProperty("links").GetProperty("errors_csv").GetString(), StringComparison.Ordinal);
        Assert.Contains("Import completed: 2 of 2 rows", ended.Notes, StringComparison.Ordinal);
        Assert.Contains("invalid_email", ended.Notes, StringComparison.Ordinal);
        var refused = await ImportAsync("Email\njson2@example.com\n", "--json", "--map", "Email=emial");
        Assert.Equal("", refused.Expect(1).Output.Trim());
        Assert.Contains("validation_failed", refused.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_constants_and_several_match_fields_can_be_said()
    {
        AssertEnded(await ImportAsync("Email,City\nsaid@example.com,Oslo\n"), 0, "1 created");

        var ended = await ImportAsync(
            "Email,Phone,City\nsaid@example.com,+47 21 00 00 77,Rome\n,+47 21 00 00 78,Bonn\n", "--json", "--strategy", "merge",
            "--match-on", "email,phone", "--policy", "city=fill_blank", "--constant", "country=NO", "--policy", "country=create_only");

        var job = JsonDocument.Parse(ended.Expect(0).Output).RootElement;
        Assert.Equal(("email", """["phone"]"""), (job.GetProperty("match_on").GetString(), job.GetProperty("also_match_on").GetRawText()));
        Assert.Equal("""{"City":"fill_blank"}""", job.GetProperty("column_policies").GetRawText());
        Assert.Equal("""{"country":{"value":"NO","policy":"create_only"}}""", job.GetProperty("constants").GetRawText());
        Assert.Equal((1, 1), (job.GetProperty("created_count").GetInt32(), job.GetProperty("updated_count").GetInt32()));
        var unmapped = await ImportAsync("Email\nsaid@example.com\n", "--policy", "city=fill_blank");
        Assert.Contains("no column is mapped to city", unmapped.Expect(1).Notes, StringComparison.Ordinal);
        var unknown = await ImportAsync("Email\nsaid@example.com\n", "--policy", "city=sometimes");
        Assert.Contains("overwrite, fill_blank, create_only", unknown.Expect(1).Notes, StringComparison.Ordinal);
        var formless = await ImportAsync("Email\n", "--constant", "city");
        Assert.Contains("expected \"field=value\"", formless.Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_settings_says_what_options_cannot()
    {
        var settings = _file + ".json";
        await File.WriteAllTextAsync(
            settings,
            """
            {"column_mapping": {"Mail": "email", "Ort": {"field": "city", "transforms": ["upper"]}}, "duplicate_strategy": "merge",
             "add_tags": ["weekly"]}
            """, Cancelled);
        try
        {
            var ended = await ImportAsync("Mail,Ort\nfile@example.com,Oslo\n", "--settings", settings, "--json", "--strategy", "skip");
            var job = JsonDocument.Parse(ended.Expect(0).Output).RootElement;
            Assert.Equal("skip", job.GetProperty("duplicate_strategy").GetString());
            Assert.Equal("""{"Ort":{"transforms":["upper"]}}""", job.GetProperty("column_settings").GetRawText());
            Assert.Equal("""["weekly"]""", job.GetProperty("add_tags").GetRawText());
            await File.WriteAllTextAsync(settings, """{"id": 1}""", Cancelled);
            Assert.Contains("has id", (await ImportAsync("Mail\n", "--settings", settings)).Expect(1).Notes, StringComparison.Ordinal);
            await File.WriteAllTextAsync(settings, "[", Cancelled);
            Assert.Contains("is not JSON", (await ImportAsync("Mail\n", "--settings", settings)).Expect(1).Notes, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(settings);
        }
    }

    [Fact]
    public async Task A_profile_gives_the_type_and_the_mapping()
    {
        using var client = node.CreateClient(node.Token);
        var name = $"Weekly {Guid.NewGuid():N}";
        var mapping = new { Mail = "email", Ort = "city" };
        var profile = (await client.PostAsync(
            "import-profiles-create", new { name, model_type = "contacts", column_mapping = mapping })).Result;
        await File.WriteAllTextAsync(_file, "ort,mail\nOslo,profile@example.com\n", Cancelled);
        foreach (var named in new[] { name.ToUpperInvariant(), profile.GetProperty("id").GetString()! })
        {
            var ended = await node.RunAsync(
                "import", _file, "--yes", "--url", node.Address.ToString(), "--profile", named, "--json");
            var job = JsonDocument.Parse(ended.Expect(0).Output).RootElement;
            Assert.Equal(profile.GetProperty("id").GetString(), job.GetProperty("profile_id").GetString());
            Assert.Matches("ort +city +Oslo", ended.Notes);
        }

        Assert.Contains(
            "there is no such profile", (await ImportAsync("Mail\n", "--profile", "none")).Expect(1).Notes, StringComparison.Ordinal);
        Assert.Contains(
            "leave --map and --policy out", (await ImportAsync("Mail\n", "--profile", name, "--map", "Mail=email")).Expect(1).Notes,
            StringComparison.Ordinal);
        Assert.Contains("--type", (await node.RunAsync("import", _file, "--yes")).Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sheet_can_be_named_and_the_help_lists_the_exit_codes()
    {
        var workbook = _file + ".xlsx";
        await File.WriteAllBytesAsync(
            workbook,
            new TestWorkbook().Sheet("Notes", [["x"], ["y"]]).Sheet("Leads", [["Email"], ["sheet@example.com"]]).ToArray(), Cancelled);
        try
        {
            var ended = await node.RunAsync(
                "import", workbook, "--type", "contacts", "--yes", "--url", node.Address.ToString(), "--sheet", "Leads");
            AssertEnded(ended, 0, "sheet Leads", "1 created");
        }
        finally
        {
            File.Delete(workbook);
        }

        foreach (var command in new[] { "import", "undo" })
            Assert.Matches("4 +completed, but some", (await node.RunAsync(command, "--help")).Expect(0).Output);
    }

    [Fact]
    public async Task A_refusal_is_exit_code_1_in_the_words_of_the_service()
    {
        var ended = await ImportAsync("Email\nedsger@example.com\n", "--map", "Email=emial");
        Assert.Contains("imports-confirm: validation_failed:", ended.Expect(1).Notes, StringComparison.Ordinal);
        Assert.Contains("accepted: first_name", ended.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_service_is_exit_code_1()
    {
        await File.WriteAllTextAsync(_file, "Email\nbarbara@example.com\n", TestContext.Current.CancellationToken);
        var ended = await node.RunAsync("import", _file, "--type", "contacts", "--yes", "--url", "http://127.0.0.1:1");
        Assert.Contains("No answer from http://127.0.0.1:1", ended.Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_terminal_the_mapping_must_be_agreed_to_beforehand()
    {
        await File.WriteAllTextAsync(_file, "Email\nbarbara@example.com\n", TestContext.Current.CancellationToken);
        var ended = await node.RunAsync("import", _file, "--type", "contacts", "--url", node.Address.ToString());
        Assert.Contains("--yes", ended.Expect(1).Notes, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static void AssertEnded(Ended ended, int code, params string[] told)
    {
        ended.Expect(code);
        Assert.All(told, words => Assert.Contains(words, ended.Output, StringComparison.Ordinal));
    }

    private async Task<Ended> ImportAsync(string content, params string[] further)
    {
        await File.WriteAllTextAsync(_file, content, TestContext.Current.CancellationToken);
        return await node.RunAsync(["import", _file, "--type", "contacts", "--yes", "--url", node.Address.ToString(), .. further]);
    }
}
