using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Results;

/// <summary>
/// Finds the records that items of an update name by their external ID. An item that was refused for its values was never matched, so
/// its stored result names no record.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="types">The record types.</param>
public sealed class NamedRecords(NpgsqlDataSource database, RecordTypeCatalog types)
{
    /// <summary>The same results; those of refused items have the record that now has the external ID.</summary>
    public async Task<IReadOnlyList<TargetResult>> AddAsync(
        Guid account, Guid job, IReadOnlyList<TargetResult> results, CancellationToken cancellationToken)
    {
        if (!results.Any(IsUnnamed)) return results;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (await TypeAsync(connection, account, job, cancellationToken) is not { } type) return results;
        var keys = results.Where(IsUnnamed).Select(KeyOf).Distinct().ToArray();
        var records = await ExternalIds.FindAsync(connection, type, account, keys, cancellationToken);
        return
        [
            .. results.Select(result => IsUnnamed(result) && records.TryGetValue(KeyOf(result), out var record)
                ? result with { EntityId = record }
                : result),
        ];
    }

    private static bool IsUnnamed(TargetResult result) =>
        result is { EntityId: null, ExternalId: not null, Code: not (null or "not_found") };

    private static string KeyOf(TargetResult result) => MatchKeys.Of(MatchKeyKind.Exact, result.ExternalId!) ?? "";

    // The type of a job that updates items; null for any other job.
    private async Task<RecordType?> TypeAsync(NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select j.record_type from jobs j join bulk_jobs b on b.account_id = j.account_id and b.id = j.id
            where j.account_id = @account and j.id = @job and b.operation = 'update'
              and exists (select 1 from bulk_items k where k.account_id = @account and k.job_id = @job)
            """,
            connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        return await command.ExecuteScalarAsync(cancellationToken) is string key
            ? await types.FindAsync(connection, account, key, cancellationToken)
            : null;
    }
}
