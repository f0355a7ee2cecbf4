using Driftwood.Engine.Imports.Outcomes;
using Npgsql;

namespace Driftwood.Engine.Imports.Receipts;

/// <summary>What is known of a row of an import.</summary>
/// <param name="RowNumber">The number among the data records, from 1.</param>
/// <param name="Outcome">created, updated, skipped or failed.</param>
/// <param name="RecordId">The record that it created, changed or matched.</param>
/// <param name="Detail">The detail of the change log.</param>
/// <param name="Later">The next row that changed the same record.</param>
/// <param name="Code">The reason why the row failed, as a stable word.</param>
/// <param name="Message">The reasons in words for people.</param>
internal sealed record ReceiptEntry(
    long RowNumber, string Outcome, Guid? RecordId, string? Detail, long? Later, string? Code, string? Message)
{
    /// <summary>Reads the later row from the line that comes before the row's own. Null if this is the own line.</summary>
    public static long? ReadLater(NpgsqlDataReader row) => row.IsDBNull(1) ? row.GetInt64(4) : null;

    /// <summary>Reads a row of <c>receipt-entries</c>. Columns are read by their place: a file may have millions of rows.</summary>
    public static ReceiptEntry Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetGuid(2),
        Text(row, 3),
        Later: null,
        Code: Text(row, 6),
        Message: Text(row, 7) is { } message ? RowFaultText.Of(Text(row, 5), message, Text(row, 8)) : null);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
