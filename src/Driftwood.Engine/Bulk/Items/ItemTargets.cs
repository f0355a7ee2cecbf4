using System.Text.Json;
using Driftwood.Engine.Bulk.Targets;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>The caller's items, in their order. Their records become targets when the items are applied.</summary>
/// <param name="items">The fields and values of each item.</param>
public sealed class ItemTargets(IReadOnlyList<IReadOnlyDictionary<string, JsonElement>> items) : IBulkTargets
{
    public long? Listed => items.Count;

    public bool AreResolvedByJob => false;

    public bool AreOrdered => true;

    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        const string Text = "copy bulk_items (account_id, job_id, item_index, item) from stdin (format binary)";
        await using var copy = await connection.BeginBinaryImportAsync(Text, cancellationToken);
        for (var i = 0; i < items.Count; i++)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(accountId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(jobId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync((long)i, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(JsonSerializer.Serialize(items[i]), NpgsqlDbType.Json, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
        return items.Count;
    }
}
