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
        if (plan.Match is not { } match) return null;
        var (found, id) = Lookup(match);
        var ambiguous = match.Field.Unique || match.Field.Kind == FieldKind.Id ? "" : $"""
            , fault = case when (select count(*) from (select 1 {found} limit 2) two) > 1 then 'ambiguous_match' end
            , fault_field = '{match.Field.Key}'
            """;
        var few = mostMatch ? "" : $" and exists (select 1 {found})";
        return $"update stage s set match_id = (select {id} {found} limit 1){ambiguous} where {StageSql.InWave}{few}";
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
    public string? LostMatches => plan.Match!.Field is not { KeyColumn: null, UniqueId: { } unique } match ? null : $"""
        select count(*) from stage s where {StageSql.Changed} and not exists (
            select 1 from unique_values u
            where u.account_id = s.account_id and u.field_id = '{unique}'
              and u.key = s.{StageSql.KeyColumn(match)} and u.record_id = s.match_id)
        """;

    /// <summary>The condition that a matched record <c>r</c> still has the row's key.</summary>
    public string StillMatches => plan.Match!.Field is { KeyColumn: { } key } match ? $"r.{key} = s.{StageSql.KeyColumn(match)}" : "true";

    /// <summary>
    /// In file order, the rows that will be written and name a company: seq, domain, name key, name, whether the domain is the
    /// website's, the company with the domain, companies with the name (two at most).
    /// </summary>
    public string CompanyCandidates
    {
        get
        {
            var (domain, name) = ("", "");
            if (plan.IsDryRun)
            {
                domain = $" union all {DryRunSql.Holders(CompanyLinker.DryRunDomain, "s.link_domain")} limit 1";
                name = $" union all {DryRunSql.Holders(CompanyLinker.DryRunName, "s.link_name")}";
            }

            return $"""
                select s.seq, s.link_domain, s.link_name, {ValueOf(plan.Company!.Name) ?? "null::text"},
                       {(ValueOf(plan.Company.Website) is { } website ? $"{website} is not null" : "false")},
                       (select c.id from companies c where c.account_id = s.account_id and c.domain_key = s.link_domain{domain}),
                       array(select c.id from companies c where c.account_id = s.account_id and c.name_key = s.link_name{name} limit 2)
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
        var owners = plan.OtherUnique.Select(Lookup)
            .Select((found, i) => $"left join lateral (select {found.Id} as id {found.From} limit 1) o{i} on true");
        var (matched, id) = Lookup(plan.Match!);
        var differs = plan.OtherUnique.Select((_, i) => $"(o{i}.id is not null and o{i}.id is distinct from m.id)");
        var ids = plan.OtherUnique.Select((_, i) => $", o{i}.id");
        return $"""
            select s.seq, m.id{string.Concat(ids)} from stage s
            left join lateral (select {id} as id {matched} limit 1) m on true
            {string.Join('\n', owners)}
            {(all ? "order by s.seq" : "where " + string.Join(" or ", differs) + " limit 1")}
            """;
    }

    /// <summary>The matched record, under the name <c>r</c>. The checks read only values that a dry run also knows.</summary>
    public string Matched => plan.IsDryRun ? dryRun.Matched : RecordBy("s.match_id");

    /// <inheritdoc cref="StageSql.Lookup"/>
    public (string From, string Id) Lookup(MappedColumn column)
    {
        var field = column.Field;
        // The id of a record that was never created cannot be in a file.
        if (field.Kind == FieldKind.Id)
        {
            return (RecordBy(StageSql.Value(field)), "r.id");
        }

        var (from, id) = StageSql.Lookup(plan.Type, field, StageSql.KeyColumn(field));
        return plan.IsDryRun ? dryRun.Lookup(field, from, id) : (from, id);
    }

    private string RecordBy(string id) => $"from {plan.Type.Table} r where {plan.Type.SameOwner("r", "s")} and r.id = {id}";

    private static string? ValueOf(MappedColumn? column) => column is null ? null : "s." + StageSql.ValueColumn(column.Field);
}
