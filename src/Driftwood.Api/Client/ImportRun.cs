using System.Globalization;
using System.Text.Json.Nodes;
using Driftwood.Api.Shell;
using Driftwood.Engine.Files;
using static Driftwood.Api.Shell.Terminal;

namespace Driftwood.Api.Client;

/// <summary>An import through the public API, from the upload to its end, shown as it goes.</summary>
internal sealed class ImportRun(PublicApi api, Terminal terminal)
{
    private const int ShownFailures = 20;

    private readonly Meter _meter = new(terminal);

    /// <param name="plan">The file and the settings.</param>
    /// <param name="agree">Asked once the mapping is printed; a no cancels.</param>
    /// <returns>The finished import; null when it was not agreed to.</returns>
    /// <exception cref="CommandFailure">The service refused, or stayed away.</exception>
    public async Task<ImportState?> RunAsync(FileImport plan, Func<bool> agree, CancellationToken cancellationToken)
    {
        var profile = plan.Profile is { } named ? await FindProfileAsync(named, cancellationToken) : null;
        var id = await UploadAsync(plan, plan.RecordType ?? profile!.ModelType, cancellationToken);
        var preview = (await api.CompleteUploadAsync(id, plan.Form ?? new FileForm(), cancellationToken)).Preview;
        var confirmation = plan.Confirm(id, preview, profile);
        Show(preview, FileImport.Shown(confirmation, preview, profile), confirmation);
        if (!agree())
        {
            await api.CancelImportAsync(id, cancellationToken);
            return null;
        }

        var started = await api.ConfirmImportAsync(confirmation, cancellationToken);
        var finished = await _meter.ShowAsync(
            plan.DryRun ? "Trying" : "Importing", report => WatchAsync(started, report, cancellationToken));
        await ReportAsync(finished, cancellationToken);
        if (plan.KeepsReceipt) await KeepReceiptAsync(plan.File, finished.Id, cancellationToken);
        return finished;
    }

    /// <exception cref="CommandFailure">There is no such profile.</exception>
    private async Task<ProfileState> FindProfileAsync(string named, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(named, out var id)) return await api.GetProfileAsync(id, cancellationToken);
        List<string> names = [];
        string? cursor = null;
        do
        {
            var page = await api.ListProfilesAsync(cursor, cancellationToken);
            // No two profiles have the same name, whatever its case.
            var found = page.Items.FirstOrDefault(profile => profile.Name.Equals(named.Trim(), StringComparison.OrdinalIgnoreCase));
            if (found is not null) return found;
            names.AddRange(page.Items.Select(profile => profile.Name));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        var known = string.Join(", ", names.Take(ShownFailures).Select(Printable));
        var accepted = names.Count == 0 ? "the account has none" : $"there are {known}";
        throw new CommandFailure($"--profile {named}: there is no such profile; {accepted}.");
    }

    private async Task<Guid> UploadAsync(FileImport plan, string recordType, CancellationToken cancellationToken)
    {
        var contentType = plan.File.Extension.ToLowerInvariant() switch
        {
            ".gz" => "application/gzip",
            ".json" => "application/json",
            ".jsonl" or ".ndjson" => "application/x-ndjson",
            ".xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            ".xlsm" => "application/vnd.ms-excel.sheet.macroenabled.12",
            _ => "text/csv",
        };
        await using var file = plan.File.OpenRead();
        var ticket = await api.RequestUploadAsync(recordType, plan.File.Name, contentType, cancellationToken);
        return await _meter.ShowAsync($"Uploading {Terminal.Printable(plan.File.Name)}", async report =>
        {
            using var content = new FileContent(file, contentType, (done, total) =>
                report(new Reading(done, total, $"{Megabytes(done)} of {Megabytes(total)} MB")));
            await api.UploadAsync(ticket, content, cancellationToken);
            return ticket.JobId;
        });
    }

    private void Show(FilePreview preview, IReadOnlyDictionary<string, string> mapping, JsonObject confirmation)
    {
        if (preview.Detected is { } format)
        {
            var delimiter = format.Delimiter == "\t" ? "tab" : format.Delimiter;
            var header = format.HeaderRow is { } row ? $"header in record {row}" : "no header";
            var form = format.Sheet is { } sheet
                ? $"sheet {Terminal.Printable(sheet)}"
                : $"{format.Encoding}, delimiter {delimiter}, line ending {format.LineEnding}, compression {format.Compression}";
            terminal.Say($"Detected: {form}, {header}; {Count(preview.TotalRows)} rows");
        }

        // The service has a default for a form that is neither given nor detected. It says nothing of the file, so it is not shown.
        var dateFormat = Given<string>(confirmation, "date_format") ?? preview.Detected?.DateFormat;
        if (dateFormat is { } dates) terminal.Say($"Dates are read as {dates}.");
        if ((Given<bool?>(confirmation, "decimal_comma") ?? preview.Detected?.DecimalComma) is { } comma)
            terminal.Say($"Numbers are read with a decimal {(comma ? "comma" : "point")}.");

        foreach (var warning in preview.Warnings ?? [])
        {
            var more = warning.Count > 1 ? $" ({Count(warning.Count - 1)} more like it)" : "";
            terminal.Say($"Warning: line {warning.Line}: {warning.Code}: {Terminal.Printable(warning.Message)}{more}");
        }

        var first = preview.SampleRows.Count > 0 ? preview.SampleRows[0] : [];
        terminal.Table(["Column", "Field", "First row"], preview.Headers.Select((header, i) => new[]
        {
            header, mapping.GetValueOrDefault(header, "(left out)"), i < first.Count ? Shortened(first[i]) : "",
        }));
    }

    private async Task<ImportState> WatchAsync(ImportState import, Action<Reading> report, CancellationToken cancellationToken)
    {
        try
        {
            return await JobWatch.RunAsync(
                import,
                token => api.GetImportAsync(import.Id, token),
                state => state.Status is "completed" or "failed" or "cancelled" or "expired",
                state => report(new Reading(state.ProcessedRows, state.TotalRows ?? 0, Progress(state))),
                cancellationToken);
        }
        catch (OperationCanceledException)
        {
            terminal.Note(
                $"The import goes on in the service: imports-get tells how far it is, imports-cancel stops it, id {import.Id}.");
            throw;
        }
    }

    private async Task ReportAsync(ImportState import, CancellationToken cancellationToken)
    {
        var kind = import.DryRun == true ? "Dry run" : "Import";
        var warnings = import.WarningCount > 0 ? $", {Count(import.WarningCount)} with a warning" : "";
        terminal.Say(
            $"{kind} {import.Status}: {Count(import.ProcessedRows)} of {Count(import.TotalRows ?? 0)} rows: "
            + $"{Count(import.CreatedCount)} created, {Count(import.UpdatedCount)} updated, "
            + $"{Count(import.SkippedCount)} skipped, {Count(import.FailedCount)} failed{warnings}");
        if (import.DryRun == true) terminal.Say("No record was written.");
        if (import.ErrorMessage is { Length: > 0 } reason) terminal.Say($"Reason: {Terminal.Printable(reason)}");
        if (import.DryRun != true && import.CreatedCount + import.UpdatedCount > 0) terminal.Say($"To take it back: undo {import.Id}");
        if (import.FailedCount == 0) return;
        var failed = await api.ListFailedRowsAsync(import.Id, ShownFailures, cancellationToken);
        terminal.Table(["Row", "Line", "Column", "Code", "Message"], failed.Items.Select(row => new[]
        {
            $"{row.RowNumber}", $"{row.LineNumber}", row.Column ?? "", row.Code, Shortened(row.Message),
        }));
        if (import.FailedCount > failed.Items.Count)
            terminal.Say($"{Count(import.FailedCount - failed.Items.Count)} more: imports-errors-csv with id {import.Id}");
    }

    // leads.csv → leads-results.csv and leads-manifest.json
    private async Task KeepReceiptAsync(FileInfo file, Guid id, CancellationToken cancellationToken)
    {
        var beside = FileNames.Stem(file.FullName);
        await using (var receipt = File.Create($"{beside}-results.csv"))
        {
            await api.DownloadReceiptAsync(id, receipt, cancellationToken);
        }

        var manifest = await api.GetManifestAsync(id, cancellationToken);
        await File.WriteAllTextAsync($"{beside}-manifest.json", manifest.GetRawText() + "\n", cancellationToken);
        terminal.Say($"What became of each row: {Terminal.Printable($"{beside}-results.csv")}");
    }

    private static T? Given<T>(JsonObject confirmation, string member) =>
        confirmation[member] is JsonValue value && value.TryGetValue<T>(out var given) ? given : default;

    private static string Progress(ImportState import)
    {
        var text = $"{Count(import.ProcessedRows)} of {Count(import.TotalRows ?? 0)} rows";
        if (import.Status is not ("processing" or "completed")) text += $", {import.Status}";
        if (import.RowsPerSecond is > 0 and var speed) text += $", {Count((long)speed)} rows/s";
        if (import.EtaSeconds is > 0 and var left) text += $", {TimeSpan.FromSeconds(Math.Ceiling(left)):h\\:mm\\:ss} left";
        return text;
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..79] + "…";
}
