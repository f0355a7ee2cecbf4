using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>Finds the records of items that were refused for their values, so that the results can name them.</summary>
internal static class RefusedItems
{
    /// <summary>Sets the record of each item that has a fault and the match key of exactly one record.</summary>
    /// <param name="connection">In the chunk's transaction, after its sound items were applied.</param>
    /// <param name="lane">The lane of the job.</param>
    /// <param name="type">The record type.</param>
    /// <param name="match">The field of the items' keys.</param>
    /// <param name="items">The chunk's items.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public static async Task FindAsync(
        NpgsqlConnection connection, LaneRef lane, RecordType type, Field? match, IReadOnlyList<Item> items,
        CancellationToken cancellationToken)
    {
        var refused = items.Where(item => item is { Fault: not null, RecordId: null, Key: not null }).ToList();
        if (refused.Count == 0 || match?.KeyColumn is not { } key) return;
        await using var command = new NpgsqlCommand(
            $"""
            select r.{key}, (array_agg(r.id))[1] from {type.Table} r
            where {type.Owned("r", "@account")} and r.{key} = any(@keys) group by r.{key} having count(*) = 1
            """,
            connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("keys", refused.Select(item => item.Key!).Distinct().ToArray());
        Dictionary<string, Guid> records = [];
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) records[reader.GetString(0)] = reader.GetGuid(1);
        }

        foreach (var item in refused)
        {
            if (records.TryGetValue(item.Key!, out var record)) item.RecordId = record;
        }
    }
}
