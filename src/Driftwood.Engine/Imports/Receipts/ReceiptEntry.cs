using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Outcomes;
using Npgsql;

namespace Driftwood.Engine.Imports.Receipts;

/// <summary>What is known of a row of an import.</summary>
/// <param name="RowNumber">The number among the data records, from 1.</param>
/// <param name="Outcome">created, updated, unchanged, skipped or failed.</param>
/// <param name="RecordId">The record that it created, changed or matched.</param>
/// <param name="Detail">The detail of the change log.</param>
/// <param name="Later">The next row that changed the same record.</param>
/// <param name="Company">The company that it is linked with.</param>
/// <param name="Code">The reason why the row failed, as a stable word.</param>
/// <param name="Message">The reasons in words for people.</param>
internal sealed record ReceiptEntry(
    long RowNumber, string Outcome, Guid? RecordId, string? Detail, long? Later, LinkedCompany? Company, string? Code, string? Message)
{
    /// <summary>Reads the next row from the lines of <c>receipt-entries</c>; null after the last one.</summary>
    public static async Task<ReceiptEntry?> ReadAsync(NpgsqlDataReader lines, CancellationToken cancellationToken)
    {
        long? later = null;
        LinkedCompany? company = null;
        while (await lines.ReadAsync(cancellationToken))
        {
            if (!lines.IsDBNull(1)) return Read(lines) with { Later = later, Company = company };
            if (lines.IsDBNull(4)) company = new LinkedCompany(lines.GetGuid(2), LinkedCompany.ReadOutcome(lines.GetString(3)));
            else later = lines.GetInt64(4);
        }

        return null;
    }

    // Columns are read by their place: a file may have millions of rows.
    private static ReceiptEntry Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.IsDBNull(2) ? null : row.GetGuid(2),
        Text(row, 3),
        Later: null,
        Company: null,
        Code: Text(row, 6),
        Message: Text(row, 7) is { } message ? RowFaultText.Of(Text(row, 5), message, Text(row, 8)) : null);

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
