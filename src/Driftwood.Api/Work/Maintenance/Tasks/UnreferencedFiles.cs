using Driftwood.Storage;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// Removes stored files that no upload and no receipt names, and files of imports that nobody can confirm any more: they have expired, or
/// were cancelled before they were confirmed. Files without an upload are left by a process that died between the end of a body and the row
/// that would have named its file, or between the row that names another file and the removal of the old one. In a bucket, files that
/// callers sent stay as long as their import waits for them.
/// </summary>
internal sealed class UnreferencedFiles(NpgsqlDataSource database, IUploadStore store) : IMaintenanceTask
{
    /// <summary>Files that one statement looks up.</summary>
    private const int BatchSize = 500;

    /// <summary>Longer than the time between the end of a body and the row that names its file.</summary>
    private static readonly TimeSpan MinAge = TimeSpan.FromHours(25);

    // The keys that are referenced are read, and not the others: a cluster takes no list of keys that is compared with tables on several
    // nodes.
    private const string Referenced = """
        select u.storage_key from uploads u
        left join imports i on i.account_id = u.account_id and i.upload_id = u.id
        left join jobs j on j.account_id = i.account_id and j.id = i.id
        where u.storage_key = any ($1)
        and not coalesce(j.status = 'expired' or (j.status = 'cancelled' and i.confirmation is null), false)
        union all
        select u.original_key from uploads u join imports i on i.account_id = u.account_id and i.upload_id = u.id
        join jobs j on j.account_id = i.account_id and j.id = i.id
        where u.original_key = any ($1) and j.status = 'uploaded'
        union all
        select r.storage_key from receipts r where r.storage_key = any ($1)
        union all
        select $2 || i.id::text from imports i join jobs j on j.account_id = i.account_id and j.id = i.id
        where j.status = 'pending' and $2 || i.id::text = any ($1)
        """;

    public string Name => "unreferenced_files";

    /// <summary>Leftover files only take disk space.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var removed = 0L;
        await foreach (var keys in store.ListKeysAsync(MinAge, cancellationToken).Chunk(BatchSize).WithCancellation(cancellationToken))
        {
            foreach (var key in await UnreferencedAsync(keys, cancellationToken))
            {
                await store.DeleteAsync(key, cancellationToken);
                removed++;
            }
        }

        return removed;
    }

    private async Task<IEnumerable<string>> UnreferencedAsync(string[] keys, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Referenced);
        command.Parameters.Add(new NpgsqlParameter { Value = keys });
        command.Parameters.Add(new NpgsqlParameter { Value = UploadKeys.IncomingPrefix });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> referenced = [];
        while (await reader.ReadAsync(cancellationToken)) referenced.Add(reader.GetString(0));
        return keys.Except(referenced);
    }
}
