using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// The parts of statements that find the targets of a chunk and their records, in the order of their ids. Every writer locks
/// records in this order.
/// </summary>
internal sealed class TargetSql(RecordType type, SqlDialect dialect)
{
    private static readonly string InRuns =
        $"t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first > @from + 1 - {TargetRuns.Length} and t.first <= @to";

    /// <summary>Some targets of a chunk.</summary>
    /// <param name="Condition">The condition on <c>u</c>.</param>
    /// <param name="Records">
    /// A subquery of the targets' records with their <c>place</c>, in the order of their ids. Its argument is what else it reads of the
    /// record <c>r</c>, each with a name and after a comma.
    /// </param>
    /// <param name="Count">The number of targets.</param>
    internal sealed record Part(string Condition, Func<string, string> Records, string Count)
    {
        /// <summary>The condition that some targets are not in <c>done</c>.</summary>
        public string SomeAreNotDone => $"(select count(*) from done) < {Count}";
    }

    /// <summary>
    /// All targets. The subquery has only the ids, cut out of the arrays that store them, with their places. Nothing else is needed as
    /// long as no target fails.
    /// </summary>
    public Part Whole => new(
        "true",
        read => $"""
            (select t.account_id, t.record_id, m.*
             from {InIdOrder($"""
                 select t.account_id, u.record_id
                 from bulk_target_runs t
                 cross join unnest(t.record_ids[greatest(1, @from + 2 - t.first)::int : (@to - t.first + 1)::int]) as u (record_id)
                 where {InRuns}
                 """)}
             {PlaceOfTarget(read)} offset 0)
            """,
        "@to - @from");

    /// <summary>The targets with the indexes in <c>@only</c>.</summary>
    public Part LeftOut => new(
        "u.target_index = any (@only)",
        read => $"""
            (select t.account_id, t.record_id, m.*
             from {InIdOrder("select * from targets")} {PlaceOfTarget(read)} offset 0)
            """,
        "cardinality(@only)");

    /// <summary>
    /// The condition that <c>r</c> is the record at the place of the target <c>t</c> that a part of the statement has found. Another
    /// writer's change moves it: the target is then neither changed nor gone, and is left to the next try.
    /// </summary>
    /// <param name="found">The part of the statement that has the targets' records (<see cref="Part.Records"/>).</param>
    public string SameRecord(string found) => Probe.IsAtPlace(type, "t", "record_id", found, dialect);

    /// <summary>The part <c>found</c> of a statement as one reads it for <see cref="SameRecord"/>.</summary>
    public string Found => Probe.Found("found", dialect);

    public string Lock => $"""
        with {Targets(Whole)}
        select 1 from (select * from targets order by record_id offset 0) t
        cross join lateral ({Probe.OfId(type, "t.record_id").Select("1", 1)} for update of r) locked
        """;

    /// <summary>The targets that are not in <c>done</c>, with whether their record is gone, and the fault of one that is not.</summary>
    /// <param name="part">The targets.</param>
    /// <param name="fault">The SQL of the fault of a record <c>r</c>, or null.</param>
    public string NotDone(Part part, string fault) => $"""
        left_out as materialized (
            select t.*, r.id is null as is_gone, case when r.id is not null then {fault} end as fault
            from (select * from targets t where t.record_id is null or t.record_id not in (select id from done)) t
            left join lateral ({Probe.OfId(type, "t.record_id").Select("r.*", 1)}) r on true
            where {part.SomeAreNotDone})
        """;

    /// <summary>
    /// The result of a statement: the numbers of changed and unchanged targets, the number of <c>failures</c>, and the indexes of those
    /// left out.
    /// </summary>
    public static string Outcome(string unchanged) => $"""
        select (select count(*) from changed), {unchanged}, (select count(*) from failures),
               (select array_agg(target_index) from left_out where not is_gone and fault is null)
        """;

    /// <summary>Gives up the unique values of the changed records for which a condition on <c>u</c> holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="dialect">The database.</param>
    public static string GiveUpUniqueValues(string condition, SqlDialect dialect)
    {
        var held = new Probe("unique_values u", "u.account_id = @account", "u.record_id", "c.id").And(condition);
        return $"""

                given_up as (
                    {held.Delete("changed c", "", ["field_id", "key"], dialect)}),
            """;
    }

    public static string Reject => $"""
        with {Targets("true")}
        insert into target_failures (account_id, job_id, target_index, record_id, external_id, code, message)
        select @account, @job, target_index, record_id, external_id, @code, @message from targets
        """;

    private string InIdOrder(string targets) =>
        $"{Probe.Many($"({targets} order by record_id offset 0) t", "t.account_id, t.record_id", "null, null", dialect)} t";

    private string PlaceOfTarget(string read) =>
        $"cross join lateral ({Probe.OfId(type, "t.record_id").Select($"r.ctid as place{read}", 1)}) m";

    // The planner does not know how many rows these parts have. Each record is looked up on its own (Probe), and "not in" is one hash
    // lookup per target, where a join would compare each row with each.
    public static string Targets(Part part) => Targets(part.Condition);

    private static string Targets(string condition) => $"""
        targets as materialized (
            select t.account_id, u.target_index, u.record_id, u.external_id
            from bulk_target_runs t
            cross join unnest(t.target_indexes, t.record_ids, t.external_ids)
                with ordinality as u (target_index, record_id, external_id, place)
            where {InRuns} and t.first + u.place - 1 > @from and t.first + u.place - 1 <= @to and {condition})
        """;
}
