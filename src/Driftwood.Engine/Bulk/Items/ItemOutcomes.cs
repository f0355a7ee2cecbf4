using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Lanes;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>
/// Stores the outcomes of items in the chunk's own transaction: each item's record as a finished target, and the failures.
/// </summary>
internal static class ItemOutcomes
{
    private const string CopyFailures = """
        copy target_failures (account_id, job_id, target_index, record_id, external_id, code, message) from stdin (format binary)
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, LaneRef lane, IReadOnlyList<Item> items, CancellationToken cancellationToken)
    {
        await using (var copy = await TargetCopy.BeginAsync(connection, lane.AccountId, lane.JobId, cancellationToken))
        {
            foreach (var item in items)
            {
                await copy.AddAsync(
                    lane.Lane, item.Index + 1, item.Index, item.RecordId, item.Values["external_id"], cancellationToken, item.IsCreated);
            }

            await copy.CompleteAsync(cancellationToken);
        }

        if (items.All(item => item.Fault is null)) return;
        await using (var copy = await connection.BeginBinaryImportAsync(CopyFailures, cancellationToken))
        {
            foreach (var item in items)
            {
                if (item.Fault is not { } fault) continue;
                await StartAsync(copy, lane, cancellationToken);
                await copy.WriteAsync(item.Index, NpgsqlDbType.Bigint, cancellationToken);
                await WriteRecordAsync(copy, item, cancellationToken);
                await copy.WriteAsync(fault.Code, NpgsqlDbType.Text, cancellationToken);
                await copy.WriteAsync(fault.Message, NpgsqlDbType.Text, cancellationToken);
            }

            await copy.CompleteAsync(cancellationToken);
        }
    }

    private static async Task StartAsync(NpgsqlBinaryImporter copy, LaneRef lane, CancellationToken cancellationToken)
    {
        await copy.StartRowAsync(cancellationToken);
        await copy.WriteAsync(lane.AccountId, NpgsqlDbType.Uuid, cancellationToken);
        await copy.WriteAsync(lane.JobId, NpgsqlDbType.Uuid, cancellationToken);
    }

    private static async Task WriteRecordAsync(NpgsqlBinaryImporter copy, Item item, CancellationToken cancellationToken)
    {
        if (item.RecordId is { } record) await copy.WriteAsync(record, NpgsqlDbType.Uuid, cancellationToken);
        else await copy.WriteNullAsync(cancellationToken);
        if (item.Values["external_id"] is { } external) await copy.WriteAsync(external, NpgsqlDbType.Text, cancellationToken);
        else await copy.WriteNullAsync(cancellationToken);
    }
}
