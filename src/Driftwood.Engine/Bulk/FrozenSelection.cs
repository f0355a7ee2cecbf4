using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;
using Npgsql;
using static System.FormattableString;

namespace Driftwood.Engine.Bulk;

/// <summary>The statement that stores a selection as a job's targets.</summary>
internal abstract class FrozenSelection
{
    /// <summary>For the statement's transaction; a million targets are put together in memory.</summary>
    public virtual string Settings => "set local jit = off; set local work_mem = '64MB'";

    /// <summary>Of the records that a query finds, as the database finds them.</summary>
    public static FrozenSelection Of(RecordQuery query) => new Found(query);

    /// <summary>Of records by their external IDs, found or not, in the order given.</summary>
    public static FrozenSelection Of(RecordType type, ExternalIds ids) => new Named(type, ids);

    /// <summary>The statement; it answers how many targets there are.</summary>
    public abstract NpgsqlCommand Insert(NpgsqlConnection connection, LaneRef lane, int lanes);

    // Neighbours stay together, as records found next to each other are often on one page of the table, which two lanes should
    // not write at the same time; and so few that fill no run stay in one lane.
    private static string Place(string n, string lanes) => Invariant(
        $"({n} / {BulkTargets.Run} % {lanes})::int, {n} / {BulkTargets.Run} / {lanes} * {BulkTargets.Run} + 1");

    private const string Counted = "returning cardinality(record_ids) as targets) select coalesce(sum(targets), 0)::bigint from stored";

    private sealed class Found(RecordQuery query) : FrozenSelection
    {
        // In a run the ids stand as they come: their order is not sorted for, as it means nothing.
        public override NpgsqlCommand Insert(NpgsqlConnection connection, LaneRef lane, int lanes)
        {
            var sql = new RecordQuerySql(query, lane.AccountId);
            var command = new NpgsqlCommand { Connection = connection };
            sql.AddParameters(command.Parameters);
            var job = RecordQuerySql.AddParameter(command.Parameters, new NpgsqlParameter<Guid> { TypedValue = lane.JobId });
            var count = RecordQuerySql.AddParameter(command.Parameters, new NpgsqlParameter<int> { TypedValue = lanes });
            command.CommandText = $"""
                with stored as (
                    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids)
                    select $1, {job}, {Place("min(n)", count)}, array(select generate_series(min(n), max(n))), array_agg(id)
                    from (select r.id, row_number() over () - 1 as n from {sql.From}) found
                    group by n / {BulkTargets.Run}
                    {Counted}
                """;
            return command;
        }
    }

    private sealed class Named(RecordType type, ExternalIds ids) : FrozenSelection
    {
        // Nothing is known of the list's length where the plan is made: joined by a hash, all records would be read.
        public override string Settings => base.Settings + "; set local enable_hashjoin = off; set local enable_mergejoin = off";

        public override NpgsqlCommand Insert(NpgsqlConnection connection, LaneRef lane, int lanes)
        {
            var typeColumn = type.TypeId is { } id ? $"'{id}'::uuid as type_id, " : "";
            var command = new NpgsqlCommand(
                $"""
                with named as materialized (
                    select @account::uuid as account_id, {typeColumn}t.key, t.external_id, t.target_index, t.place - 1 as n
                    from unnest(@keys, @external_ids, @indexes) with ordinality as t(key, external_id, target_index, place)),
                stored as (
                    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, external_ids)
                    select @account, @job, {Place("min(n.n)", "@lanes")},
                           array_agg(n.target_index order by n.n), array_agg(r.id order by n.n), array_agg(n.external_id order by n.n)
                    from named n left join {type.Table} r on {type.SameOwner("r", "n")} and r.external_id_key = n.key
                    group by n.n / {BulkTargets.Run}
                    {Counted}
                """,
                connection);
            command.Parameters.AddWithValue("account", lane.AccountId);
            command.Parameters.AddWithValue("job", lane.JobId);
            command.Parameters.AddWithValue("lanes", lanes);
            command.Parameters.AddWithValue("keys", ids.Keys);
            command.Parameters.AddWithValue("external_ids", ids.Values);
            command.Parameters.AddWithValue("indexes", ids.Indexes);
            return command;
        }
    }
}
