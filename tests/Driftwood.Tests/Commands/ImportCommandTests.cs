using System.Text.RegularExpressions;

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

        var undone = await node.RunAsync("undo", id, "--url", node.Address.ToString());

        AssertEnded(undone, 0, "Undo completed: 2 taken back, 0 kept, 0 failed");
        var again = await node.RunAsync("undo", id, "--url", node.Address.ToString());
        Assert.Contains("jobs-undo: not_undoable: The job", again.Expect(1).Notes, StringComparison.Ordinal);
        Assert.Contains("Cannot parse argument", (await node.RunAsync("undo", "x")).Expect(1).Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_and_its_manifest_prove_the_file()
    {
        AssertEnded(await ImportAsync("Email\nproof@example.com\nnot an address\n", "--receipt"), 2, "1 created", "-results.csv");
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
    public async Task A_failed_row_is_exit_code_2_and_is_listed()
    {
        var ended = await ImportAsync("Email\nalan@example.com\nnot an address\n");
        AssertEnded(ended, 2, "1 created, 0 updated, 0 skipped, 1 failed");
        Assert.Matches("2 +3 +Email +invalid_email", ended.Output);
    }

    [Fact]
    public async Task The_form_of_the_file_can_be_said()
    {
        var ended = await ImportAsync(
            "List\nEmail;Name;City\nform1@example.com;\"The \\\"Best\\\"\"\nform2@example.com;Bo;Oslo\n",
            "--encoding", "windows-1250", "--delimiter", ";", "--header-row", "2", "--ragged-rows", "fail", "--escape", "\\");
        AssertEnded(
            ended, 2, "1 created, 0 updated, 0 skipped, 1 failed", "Detected: windows-1250, delimiter ;,", "header in record 2;");
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
            said, 2, "0 created, 0 updated, 0 skipped, 1 failed", "Dates are read as mm-dd-yyyy.",
            "Numbers are read with a decimal point.");
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
