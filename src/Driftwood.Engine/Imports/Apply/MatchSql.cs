using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The statements that find records for staged rows. A dry run finds those it would have made as well, and those it would have
/// changed as they would then be (<see cref="DryRunSql"/>).
/// </summary>
internal sealed class MatchSql(ImportPlan plan)
{
    private readonly StageSql _stage = new(plan);
    private readonly DryRunSql _dryRun = new(plan);

    private string Table => plan.Type.Table;

    /// <summary>That a record <c>r</c> is of the staged row's account and type.</summary>
    private string SameOwner => plan.Type.SameOwner("r", "s");

    /// <summary>
    /// Marks rows with the record that has their match key; several records: <c>ambiguous_match</c>. Either way each row is
    /// looked up once: where few match, those alone are written; where most do, all are, as looking twice would cost more.
    /// </summary>
    public string? Match(bool mostMatch)
    {
        if (plan.Match is not { } match) return null;
        var (found, id) = Lookup(match);
        var ambiguous = match.Field.Unique || match.Field.Kind == FieldKind.Id
            ? ""
            : $", fault = case when (select count(*) from (select 1 {found} limit 2) two) > 1 then 'ambiguous_match' end, fault_field = '{match.Field.Key}'";
        return $"update stage s set match_id = (select {id} {found} limit 1){ambiguous} where {StageSql.InWave}{(mostMatch ? "" : $" and exists (select 1 {found})")}";
    }

    /// <summary>
    /// Whether matched records are locked before the checks: where these read the records, where companies are locked
    /// next, or where records are matched on what stands beside them. Elsewhere the update locks them, in the same
    /// order, and tells by its count whether all still match. A dry run locks nothing.
    /// </summary>
    public bool LocksFirst => plan is { IsDryRun: false, UpdatesMatches: true }
        && (plan.Match!.Field is { KeyColumn: null, Kind: not FieldKind.Id } || plan.Company is not null || plan.NeedsAnyOf || (plan.Merges && plan.StagesTags));

    /// <summary>
    /// Locks the matched records in the order of their ids and counts the rows that matched and those that still do:
    /// fewer when another writer was there between the two statements.
    /// </summary>
    public string Lock => $"""
        select (select count(*) from stage s where {StageSql.Changed}),
               (select count(*)
                from (select s.* from stage s where {StageSql.Changed} order by s.match_id offset 0) s
                cross join lateral (select 1 from {Table} r where {SameOwner} and r.id = s.match_id and {StillMatches} for update of r) locked)
        """;

    /// <summary>
    /// Once the matched records are locked: counts those that were matched on a value in <c>unique_values</c> and no longer have
    /// it. A statement of its own, as one that waits for a record sees that anew, but other tables as they were before. Null
    /// where records are matched on a column of theirs.
    /// </summary>
    public string? LostMatches => plan.Match!.Field is not { KeyColumn: null, UniqueId: { } unique } ? null : $"""
        select count(*) from stage s where {StageSql.Changed} and not exists (
            select 1 from unique_values u where u.account_id = s.account_id and u.field_id = '{unique}' and u.key = s.{plan.Match.Key} and u.record_id = s.match_id)
        """;

    /// <summary>That a matched record <c>r</c> still has the row's key.</summary>
    public string StillMatches => plan.Match!.Field.KeyColumn is { } key ? $"r.{key} = s.{plan.Match.Key}" : "true";

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
                domain = " union all " + DryRunSql.Holders(CompanyLinker.DryRunDomain, "s.link_domain") + " limit 1";
                name = " union all " + DryRunSql.Holders(CompanyLinker.DryRunName, "s.link_name");
            }

            return $"""
                select s.seq, s.link_domain, s.link_name, {(plan.Company?.Name is { } given ? "s." + given.Value : "null::text")},
                       {(plan.Company?.Website is { } website ? $"s.{website.Value} is not null" : "false")},
                       (select c.id from companies c where c.account_id = s.account_id and c.domain_key = s.link_domain{domain}),
                       array(select c.id from companies c where c.account_id = s.account_id and c.name_key = s.link_name{name} limit 2)
                from stage s where {_stage.Writes} and (s.link_domain is not null or s.link_name is not null)
                order by s.seq
                """;
        }
    }

    /// <summary>
    /// Rows with the record they match and the records that own their other unique values, where these differ: such
    /// rows depend on whether the owner's own row comes first. With <paramref name="all"/>, every row.
    /// </summary>
    public string Owners(bool all)
    {
        var owners = plan.OtherUnique.Select(Lookup).Select((found, i) => $"left join lateral (select {found.Id} as id {found.From} limit 1) o{i} on true");
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

    /// <summary>Where the matched record stands, under the name <c>r</c>; the checks read no more of it than a dry run knows.</summary>
    public string Matched => plan.IsDryRun ? _dryRun.Matched : $"from {Table} r where {SameOwner} and r.id = s.match_id";

    /// <summary>
    /// Where the records with the staged key stand, under the name <c>r</c>, and what their ids are called there. Further
    /// conditions can follow.
    /// </summary>
    public (string From, string Id) Lookup(MappedColumn column)
    {
        var (from, id) = column.Field switch
        {
            { KeyColumn: { } key } => ($"from {Table} r where {SameOwner} and r.{key} = s.{column.Key}", "r.id"),
            { UniqueId: { } unique } => ($"from unique_values r where r.account_id = s.account_id and r.field_id = '{unique}' and r.key = s.{column.Key}", "r.record_id"),
            _ => ($"from {Table} r where {SameOwner} and r.id = s.{column.Value}::uuid", "r.id"),
        };
        // The id of a record that was never made cannot stand in a file.
        return plan.IsDryRun && column.Field.Kind != FieldKind.Id ? _dryRun.Lookup(column, from, id) : (from, id);
    }
}
