using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Results;

/// <summary>Finds the fields that targets of bulk jobs changed, in the change log.</summary>
/// <param name="database">The database.</param>
/// <param name="types">The record types.</param>
public sealed class ChangedFields(NpgsqlDataSource database, RecordTypeCatalog types)
{
    /// <summary>The same results; those of updated or restored records have the changed fields, if the change log has them.</summary>
    public async Task<IReadOnlyList<TargetResult>> AddAsync(
        Guid account, Guid job, IReadOnlyList<TargetResult> results, CancellationToken cancellationToken)
    {
        var indexes = results.Where(MayHaveChanged).Select(result => result.Index).ToArray();
        if (indexes.Length == 0) return results;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var details = await ReadAsync(connection, account, job, indexes, cancellationToken);
        Dictionary<string, RecordType?> known = [];
        foreach (var key in details.Values.Select(each => each.Type).Distinct())
            known[key] = await types.FindAsync(connection, account, key, cancellationToken);
        return
        [
            .. results.Select(result => MayHaveChanged(result) && details.TryGetValue(result.Index, out var logged)
                && known[logged.Type] is { } type
                    ? result with { Changed = [.. FieldChange.Read(type, logged.Detail).Select(change => change.Field)] }
                    : result),
        ];
    }

    private static bool MayHaveChanged(TargetResult result) =>
        result.Effect is TargetEffect.Updated or TargetEffect.Restored || result.Outcome == TargetOutcome.Kept;

    private static async Task<Dictionary<long, (string Type, string Detail)>> ReadAsync(
        NpgsqlConnection connection, Guid account, Guid job, long[] indexes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("bulk-changed-fields"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        command.Parameters.AddWithValue("indexes", indexes);
        command.Parameters.AddWithValue("first", indexes.Min());
        command.Parameters.AddWithValue("last", indexes.Max());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        Dictionary<long, (string, string)> details = [];
        while (await row.ReadAsync(cancellationToken)) details[row.GetInt64(0)] = (row.GetString(1), row.GetString(2));
        return details;
    }
}
