using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Receipts;

/// <summary>
/// Writes a receipt: the columns of the imported file, and what became of each row. The file is RFC 4180 in UTF-8 with a byte order mark.
/// A cell that begins like a formula gets an apostrophe in front (<see cref="FormulaGuard"/>).
/// </summary>
internal sealed class ReceiptCsv : IAsyncDisposable
{
    private static readonly string[] OwnColumns = ["_row", "_outcome", "_record_id", "_changed", "_code", "_message"];
    private static readonly string[] CompanyColumns = ["_company_id", "_company_outcome"];

    private readonly RecordType _type;
    private readonly IReadOnlyList<string> _headers;
    private readonly bool _linksCompanies;
    private readonly CsvWriter _writer;

    /// <param name="output">The stream; it stays open.</param>
    /// <param name="type">The type of the imported records.</param>
    /// <param name="headers">The file's columns; none if the file is gone.</param>
    /// <param name="linksCompanies">Rows may be linked with companies.</param>
    public ReceiptCsv(Stream output, RecordType type, IReadOnlyList<string> headers, bool linksCompanies)
    {
        (_type, _headers, _linksCompanies) = (type, headers, linksCompanies);
        _writer = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true, ValidateFieldCount = false }, leaveOpen: true);
    }

    public ValueTask WriteHeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var header in _headers) FormulaGuard.Write(_writer, header);
        foreach (var column in _linksCompanies ? OwnColumns.Concat(CompanyColumns) : OwnColumns)
            FormulaGuard.Write(_writer, FailedRowsCsv.NameUnlike(_headers, column));
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>
    /// Writes a row. Cells beyond the file's columns come last, after our own, so that all others stand in their columns.
    /// </summary>
    /// <param name="number">The row's number among the file's data records.</param>
    /// <param name="row">The reader, at this row; null if the file is gone.</param>
    /// <param name="entry">What became of the row; null if it was skipped and matches no record.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public ValueTask WriteAsync(long number, RowReader? row, ReceiptEntry? entry, CancellationToken cancellationToken)
    {
        var cells = row?.FieldCount ?? 0;
        var isWhole = row is not null && cells == 0;
        if (isWhole) FormulaGuard.Write(_writer, row!.Raw);
        for (var i = isWhole ? 1 : 0; i < _headers.Count; i++)
        {
            if (i < cells) FormulaGuard.Write(_writer, row![i]);
            else _writer.WriteField("");
        }

        WriteOutcome(number, entry);
        for (var i = _headers.Count; i < cells; i++) FormulaGuard.Write(_writer, row![i]);
        return _writer.EndRecordAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private void WriteOutcome(long number, ReceiptEntry? entry)
    {
        Span<char> text = stackalloc char[36];
        number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture);
        _writer.WriteField(text[..length]);
        _writer.WriteField(entry?.Outcome ?? "skipped");
        length = 0;
        entry?.RecordId?.TryFormat(text, out length);
        _writer.WriteField(text[..length]);
        FormulaGuard.Write(_writer, entry?.Detail is { } detail ? Changed(detail) : "");
        _writer.WriteField(entry?.Code ?? "");
        FormulaGuard.Write(_writer, entry switch
        {
            { Message: { } message } => message,
            { Later: { } later } => FormattableString.Invariant($"Row {later} of the file changed the record again."),
            _ => "",
        });
        if (!_linksCompanies) return;
        length = 0;
        entry?.Company?.Id.TryFormat(text, out length);
        _writer.WriteField(text[..length]);
        _writer.WriteField(entry?.Company is { } company ? LinkedCompany.WordOf(company.Outcome) : "");
    }

    private string Changed(string detail)
    {
        var changes = FieldChange.Read(_type, detail);
        return string.Join("; ", changes.Select(change => $"{change.Field}: {Shown(change.Before)} → {Shown(change.After)}"));
    }

    private static string Shown(JsonElement? value) => value switch
    {
        null => "(blank)",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() == 0 => "(blank)",
        { ValueKind: JsonValueKind.Array } list => string.Join(", ", list.EnumerateArray().Select(each => Shown(each))),
        { } other => other.GetRawText(),
    };
}
