using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>Stores a selection as a job's targets.</summary>
internal abstract class ResolvedSelection
{
    /// <summary>Of the records that a query finds, as the database finds them.</summary>
    public static ResolvedSelection Of(RecordQuery query) => new Found(query);

    /// <summary>Of records by their external IDs, found or not, in the order given.</summary>
    public static ResolvedSelection Of(RecordType type, ExternalIds ids) => new Named(type, ids);

    /// <summary>Stores the targets in the connection's transaction.</summary>
    /// <param name="database">For another connection, if need be.</param>
    /// <param name="connection">With a transaction, whose statements may take <paramref name="limit"/> each.</param>
    /// <param name="lane">Of the job.</param>
    /// <param name="lanes">Among which they are dealt out.</param>
    /// <param name="limit">The longest a statement may take.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>How many there are.</returns>
    public abstract Task<long> StoreAsync(
        NpgsqlDataSource database, NpgsqlConnection connection, LaneRef lane, int lanes, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>The settings of a transaction whose statements may take so long.</summary>
    public static async Task LimitAsync(NpgsqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Invariant($"set local jit = off; set local statement_timeout = {(long)limit.TotalMilliseconds}"), connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // One statement finds them, on a connection of its own, and while it finds more, those found are stored: two of the
    // server's sessions and this process work at once.
    private sealed class Found(RecordQuery query) : ResolvedSelection
    {
        public override async Task<long> StoreAsync(
            NpgsqlDataSource database, NpgsqlConnection connection, LaneRef lane, int lanes, TimeSpan limit, CancellationToken cancellationToken)
        {
            await using var finding = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await finding.BeginTransactionAsync(cancellationToken);
            await LimitAsync(finding, limit, cancellationToken);
            var sql = new RecordQuerySql(query, lane.AccountId);
            await using var command = new NpgsqlCommand($"select r.id from {sql.From}", finding) { CommandTimeout = 0 }; // the server's statement_timeout stands
            sql.AddParameters(command.Parameters);
            await using var found = await command.ExecuteReaderAsync(cancellationToken);
            await using var targets = await TargetCopy.BeginAsync(connection, lane.AccountId, lane.JobId, cancellationToken);
            var count = 0L;
            for (; await found.ReadAsync(cancellationToken); count++)
            {
                var (to, position) = BulkTargets.Place(count, lanes);
                await targets.AddAsync(to, position, count, found.GetGuid(0), null, cancellationToken);
            }

            await targets.CompleteAsync(cancellationToken);
            return count;
        }
    }

    private sealed class Named(RecordType type, ExternalIds ids) : ResolvedSelection
    {
        // Nothing is known of the list's length where the plan is made: joined by a hash, all records would be read.
        private const string Settings = "set local work_mem = '64MB'; set local enable_hashjoin = off; set local enable_mergejoin = off";

        public override async Task<long> StoreAsync(
            NpgsqlDataSource database, NpgsqlConnection connection, LaneRef lane, int lanes, TimeSpan limit, CancellationToken cancellationToken)
        {
            await using (var settings = new NpgsqlCommand(Settings, connection)) await settings.ExecuteNonQueryAsync(cancellationToken);
            var typeColumn = type.TypeId is { } id ? $"'{id}'::uuid as type_id, " : "";
            await using var command = new NpgsqlCommand(
                $"""
                with named as materialized (
                    select @account::uuid as account_id, {typeColumn}t.key, t.external_id, t.target_index, t.place - 1 as n
                    from unnest(@keys, @external_ids, @indexes) with ordinality as t(key, external_id, target_index, place)),
                stored as (
                    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, external_ids)
                    select @account, @job, (min(n.n) / {BulkTargets.Run} % @lanes)::int, min(n.n) / {BulkTargets.Run} / @lanes * {BulkTargets.Run} + 1,
                           array_agg(n.target_index order by n.n), array_agg(r.id order by n.n), array_agg(n.external_id order by n.n)
                    from named n left join {type.Table} r on {type.SameOwner("r", "n")} and r.external_id_key = n.key
                    group by n.n / {BulkTargets.Run}
                    returning cardinality(record_ids) as targets)
                select coalesce(sum(targets), 0)::bigint from stored
                """,
                connection);
            command.CommandTimeout = 0; // the server's statement_timeout stands
            command.Parameters.AddWithValue("account", lane.AccountId);
            command.Parameters.AddWithValue("job", lane.JobId);
            command.Parameters.AddWithValue("lanes", lanes);
            command.Parameters.AddWithValue("keys", ids.Keys);
            command.Parameters.AddWithValue("external_ids", ids.Values);
            command.Parameters.AddWithValue("indexes", ids.Indexes);
            return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
        }
    }
}
