using System.Globalization;
using Driftwood.Api.Shell;
using Driftwood.Engine.Files;
using Driftwood.Engine.Records.Text;
using static Driftwood.Api.Shell.Terminal;

namespace Driftwood.Api.Client;

/// <summary>The file and the settings of an import; null leaves a setting to the service.</summary>
/// <param name="Mapping">Column → field over the suggested ones; an empty field leaves the column out.</param>
/// <param name="Form">How the file is read.</param>
/// <param name="KeepsReceipt">Whether the receipt and the manifest are written beside the file.</param>
internal sealed record FileImport(
    FileInfo File,
    string RecordType,
    string Strategy,
    string? MatchOn = null,
    string? TagDelimiter = null,
    IReadOnlyDictionary<string, string>? Mapping = null,
    string? DateFormat = null,
    bool? DecimalComma = null,
    string? LinkCompanies = null,
    bool DryRun = false,
    int? TwoDigitYears = null,
    string? PhoneCountry = null,
    IReadOnlyList<string>? NullValues = null,
    FileForm? Form = null,
    bool KeepsReceipt = false);

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
        var id = await UploadAsync(plan, cancellationToken);
        var preview = (await api.CompleteUploadAsync(id, plan.Form ?? new FileForm(), cancellationToken)).Preview;
        var mapping = Map(preview, plan.Mapping);
        Show(preview, mapping, plan);
        if (!agree())
        {
            await api.CancelImportAsync(id, cancellationToken);
            return null;
        }

        var confirmation = new ImportConfirmation(
            id, mapping, plan.Strategy, plan.MatchOn, plan.TagDelimiter,
            plan.DateFormat, plan.DecimalComma, plan.LinkCompanies, plan.DryRun, plan.TwoDigitYears,
            plan.PhoneCountry, plan.NullValues ?? []);
        var started = await api.ConfirmImportAsync(confirmation, cancellationToken);
        var finished = await _meter.ShowAsync(
            plan.DryRun ? "Trying" : "Importing", report => WatchAsync(started, report, cancellationToken));
        await ReportAsync(finished, cancellationToken);
        if (plan.KeepsReceipt) await KeepReceiptAsync(plan.File, finished.Id, cancellationToken);
        return finished;
    }

    private async Task<Guid> UploadAsync(FileImport plan, CancellationToken cancellationToken)
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
        var ticket = await api.RequestUploadAsync(plan.RecordType, plan.File.Name, contentType, cancellationToken);
        return await _meter.ShowAsync($"Uploading {Terminal.Printable(plan.File.Name)}", async report =>
        {
            using var content = new FileContent(file, contentType, (done, total) =>
                report(new Reading(done, total, $"{Megabytes(done)} of {Megabytes(total)} MB")));
            await api.UploadAsync(ticket, content, cancellationToken);
            return ticket.JobId;
        });
    }

    private static Dictionary<string, string> Map(FilePreview preview, IReadOnlyDictionary<string, string>? overrides)
    {
        var mapping = preview.SuggestedMapping
            .Where(column => !string.IsNullOrEmpty(column.Value))
            .ToDictionary(column => column.Key, column => column.Value!);
        foreach (var (column, field) in overrides ?? new Dictionary<string, string>())
        {
            // A field can have one column only; the caller's choice takes it from the suggested one.
            foreach (var other in mapping.Where(other => other.Value == field).Select(other => other.Key).ToList()) mapping.Remove(other);
            if (field.Length > 0) mapping[column] = field;
            else mapping.Remove(column);
        }

        return mapping;
    }

    private void Show(FilePreview preview, Dictionary<string, string> mapping, FileImport plan)
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
        if ((plan.DateFormat ?? preview.Detected?.DateFormat) is { } dates) terminal.Say($"Dates are read as {dates}.");
        if ((plan.DecimalComma ?? preview.Detected?.DecimalComma) is { } comma)
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
