using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports.Receipts;

/// <summary>An import whose receipt is written.</summary>
/// <param name="Account">The account of the import.</param>
/// <param name="Job">The import.</param>
/// <param name="Type">The type of the records.</param>
/// <param name="Headers">The columns of the file.</param>
/// <param name="Format">How the file is read.</param>
/// <param name="File">Opens the file; null if it is gone. The receipt then has no columns of the file.</param>
public sealed record ReceiptSource(
    Guid Account, Guid Job, RecordType Type, IReadOnlyList<string> Headers, FileFormat Format, OpenFile? File);

/// <summary>
/// Writes receipts of imports: a line for each data row of the file, in its order, with the row's cells and what became of it. The file is
/// read once more, beside the change log and the row errors, in bounded memory.
/// </summary>
public sealed class ImportReceipt(NpgsqlDataSource database)
{
    /// <summary>Writes the rows whose outcome is certain; of a completed import, that is every row.</summary>
    /// <exception cref="UnreadableFileException">The file has fewer rows than the import.</exception>
    public async Task WriteAsync(ReceiptSource source, Stream output, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var end = await ImportResults.ReadEndAsync(connection, source.Account, source.Job, cancellationToken);
        await using var rows = source.File is null ? null : await source.Format.OpenRowsAsync(source.File, cancellationToken);
        await using var csv = new ReceiptCsv(output, source.Type, rows is null ? [] : source.Headers);
        await csv.WriteHeaderAsync(cancellationToken);
        // One statement for the whole file: rows of one record are found by a sort, which the server does on disk.
        await using var command = new NpgsqlCommand(SqlText.Of("receipt-entries"), connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("account", source.Account);
        command.Parameters.AddWithValue("job", source.Job);
        await using var entries = await command.ExecuteReaderAsync(cancellationToken);
        var next = await ReadAsync(entries, cancellationToken);
        for (var number = 1L; number <= end; number++)
        {
            if (rows is not null && !await rows.ReadAsync(cancellationToken))
            {
                throw new UnreadableFileException("file_changed", $"The file has fewer than {number} rows, but the import has {end}.");
            }

            var entry = next?.RowNumber == number ? next : null;
            await csv.WriteAsync(number, rows, entry, cancellationToken);
            if (entry is not null) next = await ReadAsync(entries, cancellationToken);
        }
    }

    private static async Task<ReceiptEntry?> ReadAsync(NpgsqlDataReader entries, CancellationToken cancellationToken)
    {
        if (!await entries.ReadAsync(cancellationToken)) return null;
        if (ReceiptEntry.ReadLater(entries) is not { } later) return ReceiptEntry.Read(entries);
        await entries.ReadAsync(cancellationToken);
        return ReceiptEntry.Read(entries) with { Later = later };
    }
}
