using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The statements that find records for staged rows. A dry run also finds the records that it would have created, and finds changed
/// records in their changed state (<see cref="DryRunSql"/>).
/// </summary>
internal sealed class MatchSql(ImportPlan plan, DryRunSql dryRun)
{
    /// <summary>The rows that will be written, created or updated.</summary>
    public string Written => plan switch
    {
        { UpdatesMatches: true, CreatesRecords: true } => StageSql.Sound,
        { UpdatesMatches: true } => StageSql.Changed,
        { CreatesRecords: true } => StageSql.Created,
        _ => "false",
    };

    /// <summary>Counts the sound rows that create a record, those that update one, and those that do neither.</summary>
    public string Outcomes => $"""
        select count(*) filter (where s.match_id is null and ({Written})), count(*) filter (where s.match_id is not null and ({Written})),
               count(*) filter (where not ({Written}))
        from stage s where {StageSql.Sound}
        """;

    /// <summary>
    /// Marks rows with the record that has their match key. If several records match, the fault is <c>ambiguous_match</c>. Each row is
    /// looked up once. If few rows match, only the matching rows are written; if most match, all rows are, because two lookups cost more.
    /// </summary>
    public string? Match(bool mostMatch)
    {
        if (plan.Match is null) return null;
        var found = ByMatch(match => $"({Find(match, 1)})");
        List<(string Column, string Value)> marks = [("match_id", found)];
        if (!plan.Matches.All(IsUnique))
        {
            var isAmbiguous = ByMatch(match => IsUnique(match)
                ? "null"
                : $"case when (select count(*) from ({Find(match, 2)}) two) > 1 then 'ambiguous_match' end");
            marks.AddRange([("fault", isAmbiguous), ("fault_field", ByMatch(match => $"'{match.Field.Key}'"))]);
        }

        var few = mostMatch ? "" : $" and {found} is not null";
        return plan.Dialect.Mark("stage", "seq", StageSql.InWave + few, marks);
    }

    /// <summary>
    /// Locks the matched records. Counts the rows that matched and those that still match. The second number is smaller when another
    /// writer came between the two statements.
    /// </summary>
    public string Lock => $"""
        select (select count(*) from stage s where {StageSql.Changed}),
               (select count(*) {StageSql.LockChanged(plan.Type, StillMatches)})
        """;

    /// <summary>
    /// After the lock, counts the rows whose matched record has lost their value in <c>unique_values</c>. This is a separate statement: a
    /// statement that waits for a record sees the new version of that record, but the old state of other tables. Null if records are
    /// matched on their own column.
    /// </summary>
    public string? LostMatches => !plan.Matches.Any(IsKeptApart) ? null : $"""
        select count(*) from stage s where {StageSql.Changed}
            and {ByMatch(match => IsKeptApart(match)
                ? $"{StageSql.Lookup(plan.Type, match.Field, StageSql.KeyColumn(match.Field)).First} is distinct from s.match_id"
                : "false")}
        """;

    /// <summary>The condition that a matched record <c>r</c> still has the row's key.</summary>
    public string StillMatches => ByMatch(match =>
        match.Field.KeyColumn is { } key ? $"r.{key} = s.{StageSql.KeyColumn(match.Field)}" : "true");

    /// <summary>
    /// In file order, the rows that will be written and name a company: seq, domain, name key, the contact's name of it, the company with
    /// the domain, companies with the name (two at most).
    /// </summary>
    public string CompanyCandidates
    {
        get
        {
            var (domain, name) = ("", "");
            if (plan.IsDryRun)
            {
                domain = $" union all ({DryRunSql.Holders(CompanyLinker.DryRunDomain, "s.link_domain", 1)}) limit 1";
                name = $" union all ({DryRunSql.Holders(CompanyLinker.DryRunName, "s.link_name", 2)}) limit 2";
            }

            return $"""
                select s.seq, s.link_domain, s.link_name, {ValueOf(plan.Company!.Name) ?? "null::text"},
                       (({Company("domain_key", "s.link_domain", 1)}){domain}),
                       array(({Company("name_key", "s.link_name", 2)}){name})
                from stage s where {Written} and (s.link_domain is not null or s.link_name is not null)
                order by s.seq
                """;
        }
    }

    /// <summary>
    /// The rows with their record and the owners of their other unique values, if these differ: such a row depends on whether the owner's
    /// own row comes first. With <paramref name="all"/>, every row.
    /// </summary>
    public string Owners(bool all)
    {
        if (plan.MatchesOnSeveral) return OwnersOfSeveral(all);
        var owners = plan.OtherUnique.Select((column, i) => $"left join lateral ({Find(column, 1)}) o{i}(id) on true");
        var differs = plan.OtherUnique.Select((_, i) => $"(o{i}.id is not null and o{i}.id is distinct from m.id)");
        var ids = plan.OtherUnique.Select((_, i) => $", o{i}.id");
        return $"""
            select s.seq, m.id{string.Concat(ids)} from stage s
            left join lateral ({Find(plan.Match!, 1)}) m(id) on true
            {string.Join('\n', owners)}
            where s.account_id = @account{(all ? "" : $" and ({string.Join(" or ", differs)})")}
            {(all ? "order by s.seq" : "limit 1")}
            """;
    }

    /// <summary>
    /// The rows with all records that have the key on which the row is matched, as an array, and the owners of their other unique values.
    /// Rows of the first key alone, whose values nobody else has, need no other order than that of their keys.
    /// </summary>
    private string OwnersOfSeveral(bool all)
    {
        var owners = plan.OtherUnique.Select((column, i) => $"left join lateral ({Find(column, 1)}) o{i}(id) on true");
        var differs = plan.OtherUnique.Select((_, i) => $"(o{i}.id is not null and o{i}.id is distinct from m.id)");
        var isOfAnother = $"(s.{StageSql.KeyColumn(plan.Match!.Field)} is null and m.id is not null)";
        var ids = plan.OtherUnique.Select((_, i) => $" || o{i}.id");
        return $"""
            select s.seq, {ByMatch(match => $"array({Find(match, OwnerOrder.MaxRecords + 1)})")}{string.Concat(ids)} from stage s
            cross join lateral (select {ByMatch(match => $"({Find(match, 1)})")}) m(id)
            {string.Join('\n', owners)}
            where s.account_id = @account{(all ? "" : $" and ({string.Join(" or ", differs.Prepend(isOfAnother))})")}
            {(all ? "order by s.seq" : "limit 1")}
            """;
    }

    /// <summary>
    /// Chooses an expression by the column on which a row is matched: the first in which it has a key. Null if it has none.
    /// </summary>
    private string ByMatch(Func<MappedColumn, string> expression)
    {
        if (!plan.MatchesOnSeveral) return expression(plan.Match!);
        var cases = plan.Matches.Select(match => $"when s.{StageSql.KeyColumn(match.Field)} is not null then {expression(match)}");
        return $"(case {string.Join(' ', cases)} end)";
    }

    private static bool IsUnique(MappedColumn match) => match.Field.Unique || match.Field.Kind == FieldKind.Id;

    /// <summary>The keys of the field are kept apart from the records.</summary>
    private static bool IsKeptApart(MappedColumn match) => match.Field is { KeyColumn: null, UniqueId: not null };

    /// <summary>
    /// An expression on the matched record <c>r</c>, as a scalar; null when the record is gone. It reads only values that a dry run also
    /// knows.
    /// </summary>
    public string OfMatched(string expression) =>
        $"({(plan.IsDryRun ? $"select {expression} {dryRun.Matched}" : Probe.OfId(plan.Type, "s.match_id").Select(expression, 1))})";

    /// <summary>Finds the ids of the records that have a row's value of a field.</summary>
    /// <param name="column">The column of the field.</param>
    /// <param name="limit">The most records.</param>
    public string Find(MappedColumn column, int limit)
    {
        var field = column.Field;
        // The id of a record that was never created cannot be in a file.
        if (field.Kind == FieldKind.Id) return Probe.OfId(plan.Type, StageSql.Value(field)).Select("r.id", limit);
        var stored = StageSql.Lookup(plan.Type, field, StageSql.KeyColumn(field));
        return plan.IsDryRun ? dryRun.Find(field, stored, limit) : stored.Select(stored.Id, limit);
    }

    private static string Company(string column, string value, int limit) =>
        Probe.Of(RecordTypes.Companies, column, value).Select("r.id", limit);

    // Values of companies are not staged.
    private static string? ValueOf(MappedColumn? column) =>
        column is null or { Field.OfCompany: not null } ? null : "s." + StageSql.ValueColumn(column.Field);
}
