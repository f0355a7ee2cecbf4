using System.Runtime.CompilerServices;
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
/// <param name="LinksCompanies">Rows may be linked with companies.</param>
/// <param name="File">Opens the file; null if it is gone. The receipt then has no columns of the file.</param>
public sealed record ReceiptSource(
    Guid Account, Guid Job, RecordType Type, IReadOnlyList<string> Headers, FileFormat Format, bool LinksCompanies,
    OpenFile? File);

/// <summary>
/// Writes receipts of imports: a line for each data row of the file, in its order, with the row's cells and what became of it. The file is
/// read once more, beside the change log and the row errors, in bounded memory.
/// </summary>
public sealed class ImportReceipt(NpgsqlDataSource database)
{
    /// <summary>Numbers of rows that are read at once where there is no file.</summary>
    private const int MaxNumbers = 10_000;

    /// <summary>Writes the rows whose outcome is certain; of a completed import, that is every row.</summary>
    /// <exception cref="UnreadableFileException">The file has fewer rows than the import.</exception>
    public async Task WriteAsync(ReceiptSource source, Stream output, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var numbers = await RowNumbers.OfAsync(connection, source.Account, source.Job, cancellationToken);
        await using var rows = source.File is null ? null : await source.Format.OpenRowsAsync(source.File, cancellationToken);
        await using var csv = new ReceiptCsv(output, source.Type, rows is null ? [] : source.Headers, source.LinksCompanies);
        await csv.WriteHeaderAsync(cancellationToken);
        // One statement for the whole file: rows of one record are found by a sort, which the server does on disk.
        await using var command = new NpgsqlCommand(SqlText.Of("receipt-entries"), connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("account", source.Account);
        command.Parameters.AddWithValue("job", source.Job);
        await using var entries = await command.ExecuteReaderAsync(cancellationToken);
        var next = await ReceiptEntry.ReadAsync(entries, cancellationToken);
        await foreach (var number in ReadNumbersAsync(rows, numbers, cancellationToken))
        {
            var entry = next?.RowNumber == number ? next : null;
            await csv.WriteAsync(number, rows, entry, cancellationToken);
            if (entry is not null) next = await ReceiptEntry.ReadAsync(entries, cancellationToken);
        }
    }

    /// <summary>Moves from row to row of the file, and returns the number of each. Without a file they are read elsewhere.</summary>
    private async IAsyncEnumerable<long> ReadNumbersAsync(
        RowReader? rows, RowNumbers numbers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var position = 1L; rows is not null && position <= numbers.Count; position++)
        {
            if (!await rows.ReadAsync(cancellationToken))
            {
                throw new UnreadableFileException(
                    "file_changed", $"The file has fewer than {position} rows, but the import has {numbers.Count}.");
            }

            yield return rows.RowNumber;
        }

        if (rows is not null) yield break;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        for (var after = 0L; await numbers.AfterAsync(connection, after, MaxNumbers, cancellationToken) is { Length: > 0 } next;)
        {
            foreach (var number in next) yield return number;
            after = next[^1];
        }
    }
}
