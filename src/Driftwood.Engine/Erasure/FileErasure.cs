using System.Data;
using System.IO.Compression;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Erasure;

/// <summary>
/// Takes rows about erased records out of the stored files of imports. A file that has such a row is written anew, with blank cells in its
/// place: all other rows keep their numbers, and whatever reads the file later goes on as before.
/// </summary>
internal sealed class FileErasure(NpgsqlConnection connection, IStoredFiles files, Guid account, PersonalRows persons)
{
    /// <summary>Erases in all uploads and receipts of the account.</summary>
    /// <exception cref="ErasureWaitsException">A running import reads a file with such a row.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var upload in await ListUploadsAsync(cancellationToken))
            await UnlessGoneAsync(() => EraseAsync(upload, cancellationToken));
        foreach (var (import, key) in await ListReceiptsAsync(cancellationToken))
            await UnlessGoneAsync(() => EraseReceiptAsync(import, key, cancellationToken));
    }

    // A job that was removed meanwhile takes its files along, and an operator may have removed one.
    private static async Task UnlessGoneAsync(Func<Task> erase)
    {
        try
        {
            await erase();
        }
        catch (FileNotFoundException)
        {
        }
    }

    private async Task EraseAsync(UploadedFile upload, CancellationToken cancellationToken)
    {
        var rows = upload.Imports.SelectMany(persons.Of).ToHashSet();
        // Only the table is searched. The file it was made of, such as a workbook with other sheets, is not kept.
        var isKept = rows.Count == 0 && upload.Original is null;
        if (isKept && !await HasPersonalRowAsync(upload.OpenAsync(files, cancellationToken), cancellationToken)) return;
        if (await IsReadAsync(upload, cancellationToken)) throw new ErasureWaitsException(upload.Imports[0]);
        var format = CsvCopy.FormatOf(upload.Format);
        var stored = await files.SaveAsync(
            upload.Imports[0], (output, token) => CopyAsync(upload, rows, output, token), cancellationToken);
        var old = await ExchangeAsync(upload, stored, FileFormats.Write(format), cancellationToken) ? upload.Key : stored.Key;
        await files.DeleteAsync(old, cancellationToken);
        if (old != stored.Key && upload.Original is { } original) await files.DeleteAsync(original, cancellationToken);
        if (old == stored.Key) throw new ErasureWaitsException(upload.Imports[0]);
    }

    private async Task<bool> HasPersonalRowAsync(Task<RowReader> opening, CancellationToken cancellationToken)
    {
        await using var rows = await opening;
        while (await rows.ReadAsync(cancellationToken))
        {
            if (IsPersonal(rows)) return true;
        }

        return false;
    }

    private async Task CopyAsync(UploadedFile upload, HashSet<long> personal, Stream output, CancellationToken cancellationToken)
    {
        var isPacked = upload.Format.Compression == "gzip";
        await using var packed = isPacked ? new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true) : null;
        await using var copy = new CsvCopy(packed ?? output);
        await using var rows = await upload.OpenAsync(files, cancellationToken);
        if (upload.Format.HasHeader) await copy.WriteAsync(upload.Headers, cancellationToken);
        while (await rows.ReadAsync(cancellationToken))
        {
            var isErased = personal.Contains(rows.RowNumber) || IsPersonal(rows);
            if (isErased) await copy.WriteBlankAsync(rows, upload.Format.ColumnCount, cancellationToken);
            else await copy.WriteAsync(rows, cancellationToken);
        }
    }

    private bool IsPersonal(RowReader row)
    {
        if (row.FieldCount == 0) return persons.Data.IsIn(row.Raw);
        for (var i = 0; i < row.FieldCount; i++)
        {
            if (persons.Data.IsIn(row[i])) return true;
        }

        return false;
    }

    private async Task<bool> IsReadAsync(UploadedFile upload, CancellationToken cancellationToken)
    {
        await using var command = Command("select-running-imports");
        command.Parameters.AddWithValue("upload", upload.Id);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Lets all imports of the upload read the new file. False if one of them runs by now.</summary>
    private async Task<bool> ExchangeAsync(UploadedFile upload, StoredFile stored, string format, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var locking = Command("lock-imports-of-upload"))
        {
            locking.Parameters.AddWithValue("upload", upload.Id);
            await locking.ExecuteNonQueryAsync(cancellationToken);
        }

        if (await IsReadAsync(upload, cancellationToken)) return false;
        await using var command = Command("exchange-upload");
        command.Parameters.AddWithValue("upload", upload.Id);
        command.Parameters.AddWithValue("old", upload.Key);
        command.Parameters.AddWithValue("key", stored.Key);
        command.Parameters.AddWithValue("length", stored.Length);
        command.Parameters.AddWithValue("format", format);
        var isExchanged = await command.ExecuteScalarAsync(cancellationToken) is not null;
        await transaction.CommitAsync(cancellationToken);
        return isExchanged;
    }

    private async Task EraseReceiptAsync(Guid import, string key, CancellationToken cancellationToken)
    {
        if (!await HasPersonalRowAsync(OpenReceiptAsync(key, cancellationToken), cancellationToken)) return;
        var stored = await files.SaveAsync(import, (output, token) => CopyReceiptAsync(key, output, token), cancellationToken);
        await using var command = Command("exchange-receipt");
        command.Parameters.AddWithValue("job", import);
        command.Parameters.AddWithValue("old", key);
        command.Parameters.AddWithValue("key", stored.Key);
        command.Parameters.AddWithValue("length", stored.Length);
        command.Parameters.AddWithValue("sha256", stored.Sha256);
        var isExchanged = await command.ExecuteNonQueryAsync(cancellationToken) > 0;
        await files.DeleteAsync(isExchanged ? key : stored.Key, cancellationToken);
        // Somebody had another one made meanwhile.
        if (!isExchanged) throw new ErasureWaitsException(import);
    }

    private async Task<RowReader> OpenReceiptAsync(string key, CancellationToken cancellationToken) =>
        await CsvCopy.Receipt.OpenAsync(await files.OpenAsync(key, cancellationToken), cancellationToken);

    private async Task CopyReceiptAsync(string key, Stream output, CancellationToken cancellationToken)
    {
        await using var copy = new CsvCopy(output, hasByteOrderMark: true);
        await using var lines = await OpenReceiptAsync(key, cancellationToken);
        await lines.ReadAsync(cancellationToken);
        var columns = lines.FieldCount;
        await copy.WriteAsync(lines, cancellationToken);
        while (await lines.ReadAsync(cancellationToken))
        {
            if (IsPersonal(lines)) await copy.WriteErasedLineAsync(lines, columns, cancellationToken);
            else await copy.WriteAsync(lines, cancellationToken);
        }
    }

    private async Task<List<UploadedFile>> ListUploadsAsync(CancellationToken cancellationToken)
    {
        List<UploadedFile> uploads = [];
        await using var command = Command("list-uploaded-files");
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            uploads.Add(new UploadedFile(
                row.GetGuid("id"),
                row.GetString("storage_key"),
                row.IsDBNull("original_key") ? null : row.GetString("original_key"),
                row.GetFieldValue<Guid[]>("imports"),
                FileFormats.Read(row.GetString("format")),
                row.IsDBNull("headers") ? [] : row.GetFieldValue<string[]>("headers")));
        }

        return uploads;
    }

    private async Task<List<(Guid Import, string Key)>> ListReceiptsAsync(CancellationToken cancellationToken)
    {
        List<(Guid, string)> receipts = [];
        await using var command = new NpgsqlCommand(
            "select r.job_id, r.storage_key from receipts r where r.account_id = @account order by r.job_id", connection);
        command.Parameters.AddWithValue("account", account);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken)) receipts.Add((row.GetGuid(0), row.GetString(1)));
        return receipts;
    }

    private NpgsqlCommand Command(string statement)
    {
        var command = new NpgsqlCommand(SqlText.Of(statement), connection);
        command.Parameters.AddWithValue("account", account);
        return command;
    }

    /// <summary>A completed upload.</summary>
    /// <param name="Id">The upload.</param>
    /// <param name="Key">The key of its file.</param>
    /// <param name="Original">The key of the workbook or other file that the file was made of, if it is still there.</param>
    /// <param name="Imports">The imports that read it: the one that it was uploaded for, and those after a dry run.</param>
    /// <param name="Format">How it is read.</param>
    /// <param name="Headers">Its columns.</param>
    private sealed record UploadedFile(Guid Id, string Key, string? Original, Guid[] Imports, FileFormat Format, string[] Headers)
    {
        public Task<RowReader> OpenAsync(IStoredFiles files, CancellationToken cancellationToken) =>
            Format.OpenRowsAsync(token => files.OpenAsync(Key, token), cancellationToken);
    }
}
