using System.Data;
using Driftwood.Engine.Imports.Outcomes;
using Npgsql;

namespace Driftwood.Engine.Imports.Receipts;

/// <summary>What is known of a row of an import.</summary>
/// <param name="RowNumber">The number among the data records, from 1.</param>
/// <param name="Outcome">What became of the row.</param>
/// <param name="RecordId">The record that it created, changed or matched.</param>
/// <param name="Detail">The detail of the change log.</param>
/// <param name="Later">The next row that changed the same record.</param>
/// <param name="Code">The reason why the row failed, as a stable word.</param>
/// <param name="Message">The reasons in words for people.</param>
internal sealed record ReceiptEntry(
    long RowNumber, ImportOutcome Outcome, Guid? RecordId, string? Detail, long? Later, string? Code, string? Message)
{
    /// <summary>Reads a row of <c>receipt-entries</c>.</summary>
    public static ReceiptEntry Read(NpgsqlDataReader row) => new(
        row.GetInt64("row_number"),
        Enum.Parse<ImportOutcome>(row.GetString("outcome"), ignoreCase: true),
        row.IsDBNull("record_id") ? null : row.GetGuid("record_id"),
        Text(row, "detail"),
        row.IsDBNull("later") ? null : row.GetInt64("later"),
        Text(row, "code"),
        Text(row, "message") is { } message ? RowFaultText.Of(Text(row, "column_name"), message, Text(row, "also")) : null);

    private static string? Text(NpgsqlDataReader row, string column) => row.IsDBNull(column) ? null : row.GetString(column);
}
