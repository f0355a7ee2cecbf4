namespace Driftwood.Tests.Commands;

[Collection(nameof(EmbeddedNode))]
public sealed class ImportCommandTests(EmbeddedNode node) : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"driftwood-import-{Guid.NewGuid():N}.csv");

    [Fact]
    public async Task Every_row_in_is_exit_code_0()
    {
        var ended = await ImportAsync("Mail;Vorname\nada@example.com;Ada\ngrace@example.com;Grace\n", "--map", "Vorname=first_name");
        Assert.Contains("2 of 2 rows: 2 created, 0 updated, 0 skipped, 0 failed", ended.Expect(0).Output, StringComparison.Ordinal);
        Assert.Matches("Vorname +first_name +Ada", ended.Output);
    }

    [Fact]
    public async Task A_failed_row_is_exit_code_2_and_is_listed()
    {
        var ended = await ImportAsync("Email\nalan@example.com\nnot an address\n");
        Assert.Contains("1 created, 0 updated, 0 skipped, 1 failed", ended.Expect(2).Output, StringComparison.Ordinal);
        Assert.Matches("2 +3 +Email +invalid_email", ended.Output);
    }

    [Fact]
    public async Task The_form_of_the_file_can_be_said()
    {
        var ended = await ImportAsync(
            "List\nEmail;Name;City\nform1@example.com;\"The \\\"Best\\\"\"\nform2@example.com;Bo;Oslo\n",
            "--encoding", "windows-1250", "--delimiter", ";", "--header-row", "2", "--ragged-rows", "fail", "--escape", "\\");
        Assert.Contains("1 created, 0 updated, 0 skipped, 1 failed", ended.Expect(2).Output, StringComparison.Ordinal);
        Assert.Contains("Detected: windows-1250, delimiter ;,", ended.Output, StringComparison.Ordinal);
        Assert.Contains("header in record 2;", ended.Output, StringComparison.Ordinal);
        Assert.Matches("1 +3 +wrong_column_count", ended.Output);

        var headless = await ImportAsync("Email\n", "--no-header", "--map", "Column 1=first_name");
        Assert.Contains("1 created, 0 updated, 0 skipped, 0 failed", headless.Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_what_would_be_and_writes_nothing()
    {
        const string File = "Email,Born,Company\ntry@example.com,28.02.1990,Dry Dock\n";
        string[] settings = [
            "--date-format", "dd-mm-yyyy", "--decimal-comma", "--link-companies", "create", "--map", "Born=birthday", "--map",
            "Company=company_name"];
        var tried = await ImportAsync(File, [.. settings, "--dry-run"]);
        Assert.Contains("Dry run completed: 1 of 1 rows: 1 created, 0 updated", tried.Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("No record was written.", tried.Output, StringComparison.Ordinal);

        var imported = await ImportAsync(File, settings);
        Assert.Contains("Import completed: 1 of 1 rows: 1 created, 0 updated", imported.Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_values_of_the_file_can_be_said()
    {
        var ended = await ImportAsync(
            "Email,Phone,Birthday\nvalue1@example.com,21 00 00 01,28/02/90\nvalue2@example.com,NULL,-\n",
            "--date-format", "dd-mm-yyyy", "--two-digit-years", "30", "--phone-country", "NO", "--null-value", "NULL", "--null-value", "-");
        Assert.Contains("2 created, 0 updated, 0 skipped, 0 failed", ended.Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("null_value: 1 cells of Phone, the first in line 3, are NULL", ended.Output, StringComparison.Ordinal);
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

    private async Task<Ended> ImportAsync(string content, params string[] further)
    {
        await File.WriteAllTextAsync(_file, content, TestContext.Current.CancellationToken);
        return await node.RunAsync(["import", _file, "--type", "contacts", "--yes", "--url", node.Address.ToString(), .. further]);
    }
}
