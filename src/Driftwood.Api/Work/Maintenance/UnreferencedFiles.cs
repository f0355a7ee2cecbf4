using Driftwood.Storage;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance;

/// <summary>
/// Removes stored files that no upload names: a process died between the end of a body and the row that would have named its
/// file, or between the row that named another and the file's removal; or that only an expired upload names.
/// </summary>
internal sealed class UnreferencedFiles(NpgsqlDataSource database, UploadStore store)
{
    private const int KeysAtOnce = 500;

    /// <summary>Removes files last written longer ago than <paramref name="olderThan"/>; returns how many.</summary>
    /// <param name="olderThan">Longer than a row may come after its file.</param>
    /// <param name="cancellationToken">Stops between files.</param>
    public async Task<int> RunAsync(TimeSpan olderThan, CancellationToken cancellationToken)
    {
        var removed = 0;
        foreach (var keys in store.ListKeys(olderThan).Chunk(KeysAtOnce))
        {
            foreach (var key in await WithoutUploadAsync(keys, cancellationToken))
            {
                await store.DeleteAsync(key, cancellationToken);
                removed++;
            }
        }

        return removed;
    }

    private async Task<List<string>> WithoutUploadAsync(string[] keys, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            select k.key from unnest($1) as k(key)
            where not exists (
                select 1 from uploads u
                left join imports i on i.account_id = u.account_id and i.upload_id = u.id
                left join jobs j on j.account_id = i.account_id and j.id = i.id
                where u.storage_key = k.key and j.status is distinct from 'expired')
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = keys });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<string> unreferenced = [];
        while (await reader.ReadAsync(cancellationToken)) unreferenced.Add(reader.GetString(0));
        return unreferenced;
    }
}
