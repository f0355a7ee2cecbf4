using System.Globalization;
using CsvHelper;
using Driftwood.Engine.Files;

namespace Driftwood.Engine.Bulk.Results;

/// <summary>
/// Writes results of a bulk job as a file for spreadsheets: RFC 4180 in UTF-8 with a byte order mark. A cell that begins like a
/// formula gets an apostrophe in front (<see cref="FormulaGuard"/>).
/// </summary>
/// <param name="output">The stream; it stays open.</param>
public sealed class ResultsCsv(Stream output) : IAsyncDisposable
{
    private static readonly string[] Columns =
        ["index", "entity_id", "external_id", "outcome", "code", "message", "effect", "changed", "ref"];

    private readonly CsvWriter _writer = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);

    /// <summary>Writes the columns' names.</summary>
    public ValueTask WriteHeaderAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Columns) _writer.WriteField(name);
        return _writer.EndRecordAsync(cancellationToken);
    }

    /// <summary>Writes a result.</summary>
    public ValueTask WriteAsync(TargetResult result, CancellationToken cancellationToken)
    {
        _writer.WriteField(result.Index.ToString(CultureInfo.InvariantCulture));
        _writer.WriteField(result.EntityId?.ToString() ?? "");
        WriteText(result.ExternalId);
        _writer.WriteField(result.Outcome.ToString().ToLowerInvariant());
        WriteText(result.Code);
        WriteText(result.Message);
        _writer.WriteField(result.Effect?.ToString().ToLowerInvariant() ?? "");
        WriteText(result.Changed is { } changed ? string.Join(' ', changed) : null);
        WriteText(result.Ref);
        return _writer.EndRecordAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private void WriteText(string? text) => FormulaGuard.Write(_writer, text ?? "");
}
