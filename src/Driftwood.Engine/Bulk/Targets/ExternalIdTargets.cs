using Driftwood.Engine.Filters;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>
/// Records by their external IDs, found or not, in the given order. External IDs that are equal when normalised name one record.
/// </summary>
public sealed class ExternalIdTargets : IRecordTargets
{
    private readonly RecordType _type;
    private readonly Field _field;
    private readonly List<string> _keys;
    private readonly List<string> _externalIds;
    private readonly List<long> _indexes;

    /// <param name="type">The type of the records.</param>
    /// <param name="given">The external IDs; none of them is blank.</param>
    public ExternalIdTargets(RecordType type, IReadOnlyList<string> given)
    {
        _type = type;
        _field = type.Find("external_id")!;
        HashSet<string> seen = new(given.Count, StringComparer.Ordinal);
        (_keys, _externalIds, _indexes) = (new(given.Count), new(given.Count), new(given.Count));
        foreach (var (index, value) in given.Index())
        {
            if (MatchKeys.Of(_field.MatchKey!.Value, value) is not { } key || !seen.Add(key)) continue;
            _keys.Add(key);
            _externalIds.Add(value);
            _indexes.Add(index);
        }
    }

    /// <summary>The database in which the targets are stored.</summary>
    public SqlDialect Dialect { get; init; } = SqlDialect.Plain;

    public long? Listed => _keys.Count;

    public bool AreResolvedByJob => true;

    public bool AreOrdered => false;

    public RecordQuery Records => new(_type, new Comparison(_field, FilterOperator.In, [.. _externalIds]));

    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        await using (var settings = new NpgsqlCommand(Settings(), connection)) await settings.ExecuteNonQueryAsync(cancellationToken);
        await using var command = new NpgsqlCommand(Text(), connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        command.Parameters.AddWithValue("account", accountId);
        command.Parameters.AddWithValue("job", jobId);
        command.Parameters.AddWithValue("lanes", lanes);
        command.Parameters.AddWithValue("keys", _keys);
        command.Parameters.AddWithValue("external_ids", _externalIds);
        command.Parameters.AddWithValue("indexes", _indexes);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private string Settings() => string.Join("; ", Probe.SettingsFor(Dialect).Append("set local work_mem = '64MB'"));

    private string Text()
    {
        const int Run = TargetRuns.Length;
        return $"""
            with named as materialized (
                select t.key, t.external_id, t.target_index, t.place - 1 as n
                from unnest(@keys, @external_ids, @indexes) with ordinality as t(key, external_id, target_index, place)),
            stored as (
                insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, external_ids)
                select @account, @job, (min(n.n) / {Run} % @lanes)::int, min(n.n) / {Run} / @lanes * {Run} + 1,
                       array_agg(n.target_index order by n.n), array_agg(r.id order by n.n), array_agg(n.external_id order by n.n)
                from named n left join lateral ({Probe.Of(_type, "external_id_key", "n.key").Select("r.id", 1)}) r on true
                group by n.n / {Run}
                returning cardinality(record_ids) as targets)
            select coalesce(sum(targets), 0)::bigint from stored
            """;
    }
}
