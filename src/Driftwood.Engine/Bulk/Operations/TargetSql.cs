using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// The parts of statements that find the targets of a chunk and their records, in the order of their ids. Every writer locks
/// records in this order.
/// </summary>
internal sealed class TargetSql(RecordType type)
{
    private static readonly string InRuns =
        $"t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first > @from + 1 - {TargetRuns.Length} and t.first <= @to";

    private readonly string _typeColumn = type.TypeId is { } id ? $"'{id}'::uuid as type_id, " : "";

    /// <summary>Some targets of a chunk.</summary>
    /// <param name="Condition">The condition on <c>u</c>.</param>
    /// <param name="Records">A subquery of the targets' records, in the order of their ids.</param>
    /// <param name="Count">The number of targets.</param>
    internal sealed record Part(string Condition, string Records, string Count)
    {
        /// <summary>The condition that some targets are not in <c>changed</c>.</summary>
        public string SomeWereNotChanged => $"(select count(*) from changed) < {Count}";
    }

    /// <summary>
    /// All targets. The subquery has only the ids, cut out of the arrays that store them. Nothing else is needed as long as no
    /// target fails.
    /// </summary>
    public Part Whole => new(
        "true",
        $"""
            (select t.account_id, {_typeColumn}u.record_id
             from bulk_target_runs t
             cross join unnest(t.record_ids[greatest(1, @from + 2 - t.first)::int : (@to - t.first + 1)::int]) as u (record_id)
             where {InRuns}
             order by u.record_id)
            """,
        "@to - @from");

    /// <summary>The targets with the indexes in <c>@only</c>.</summary>
    public static Part LeftOut { get; } =
        new("u.target_index = any (@only)", "(select * from targets order by record_id)", "cardinality(@only)");

    /// <summary>The condition that <c>r</c> is the record of the target <c>t</c>.</summary>
    public string SameRecord => $"{type.SameOwner("r", "t")} and r.id = t.record_id";

    public string Lock => $"""
        with {Targets(Whole)}
        select 1 from targets t join {type.Table} r on {SameRecord}
        order by r.id for update of r
        """;

    public string Reject => $"""
        with {Targets(Whole)}
        insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
        select @account, @job, target_index, record_id, external_id, @code, @message from targets
        """;

    // The planner does not know how many rows these parts have. Hash and merge joins are off (TargetStatements.Settings), so records
    // are looked up one by one in the order of the targets, and "not in" is one hash lookup per target, where a join would compare
    // each row with each. Records are looked up only by columns of the targets, the account included. For a constant account, a
    // planner without statistics assumes a small account and reads all its records.
    public string Targets(Part part) => $"""
        targets as materialized (
            select t.account_id, {_typeColumn}u.target_index, u.record_id, u.external_id
            from bulk_target_runs t
            cross join unnest(t.target_indexes, t.record_ids, t.external_ids)
                with ordinality as u (target_index, record_id, external_id, place)
            where {InRuns} and t.first + u.place - 1 > @from and t.first + u.place - 1 <= @to and {part.Condition})
        """;
}
