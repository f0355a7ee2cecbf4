using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The items that callers give with bulk jobs.</summary>
public static class BulkItems
{
    /// <summary>Stores a job's items in their order, in the caller's transaction.</summary>
    public static async Task StoreAsync(
        NpgsqlConnection connection,
        Guid accountId,
        Guid jobId,
        IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> items,
        CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy bulk_items (account_id, job_id, item_index, item) from stdin (format binary)", cancellationToken);
        for (var i = 0; i < items.Count; i++)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(accountId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(jobId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync((long)i, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(JsonSerializer.Serialize(items[i]), NpgsqlDbType.Json, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
