using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>
/// The statements that make and change companies. A company is a row <c>m</c> of parallel arrays: <c>@ids</c>, its values in
/// <c>@v0</c>, <c>@v1</c> and so on, and its custom values.
/// </summary>
/// <param name="plan">The import.</param>
/// <param name="given">The columns whose values companies get.</param>
internal sealed class CompanySql(ImportPlan plan, IReadOnlyList<MappedColumn> given)
{
    private static readonly RecordType Type = RecordTypes.Companies;

    /// <summary>The columns with a column of the table.</summary>
    public IReadOnlyList<(int Place, MappedColumn Column)> Own { get; } =
        [.. given.Index().Where(each => !each.Item.Field.IsCustom)];

    /// <summary>Some column is of a custom field.</summary>
    public bool HasCustom => given.Any(column => column.Field.IsCustom);

    /// <summary>
    /// Locks companies before contacts are linked with them: they cannot be deleted, and if the import changes companies, nobody else
    /// changes them. Companies are locked after the contacts and in the order of their ids, as in deletes. Returns the number of companies
    /// that still exist.
    /// </summary>
    public string Lock => $"""
        select count(*) from (select i.id from unnest(@ids) as i(id) order by i.id offset 0) i
        cross join lateral (
            {Probe.OfId(Type, "i.id").Select("1", 1)} for {(plan.ChangesCompanies ? "no key update" : "key share")} of r) locked
        """;

    /// <summary>
    /// Creates companies in the order of their names, so that two imports of the same companies wait for each other and do not deadlock.
    /// An existing company with the same id stays: this job created it for the same name in another lane, or it has been renamed since. If
    /// another writer took a domain, the insert fails; the wave begins again and finds that company.
    /// </summary>
    public string Make
    {
        get
        {
            var arrays = Own.Select(each => Value(each.Place));
            var columns = string.Concat(Own.Select(each => $", {KeyOf(each.Column)}"));
            var values = string.Concat(Own.Select(each => $", {Typed(each)}"));
            if (HasCustom) (columns, values) = (columns + ", custom", values + ", m.custom::jsonb");
            var names = Names(["id", "name", "name_key", "domain", .. arrays, .. HasCustom ? ["custom"] : Array.Empty<string>()]);
            return new ChangeLog(Type, LogEffect.Created).WriteAndCount(
                Wave.MakesCompanies,
                $"""
                insert into companies (account_id, id, name, name_key, domain, domain_key, created_at, created_by, updated_at,
                    updated_by{columns})
                select @account, m.id, m.name, m.name_key, m.domain, m.domain, now(), @user, now(), @user{values}
                from unnest(@ids, @names, @name_keys, @domains{Parameters(HasCustom ? ["custom"] : [])}) as m({names})
                order by m.name_key collate "C"
                on conflict (account_id, id) do nothing
                returning id
                """,
                isInIdOrder: false);
        }
    }

    /// <summary>
    /// Changes companies that are locked, and returns each that is not as it was, with what the change log keeps of it.
    /// </summary>
    public string Change
    {
        get
        {
            var arrays = Own.Select(each => Value(each.Place));
            string[] custom = HasCustom ? ["filled", "replaced"] : [];
            var read = $"r.ctid as place, {ChangeLog.WillChange(Sets)} as detail{plan.Dialect.Made(Sets)}";
            var log = new ChangeLog(Type, LogEffect.Updated) { HasDetails = plan.KeepsChanges };
            return $"""
                with found as materialized (
                    select @account as account_id, m.*, l.*
                    from unnest(@ids{Parameters(custom)}) as m({Names(["id", .. arrays, .. custom])})
                    cross join lateral ({Probe.OfId(Type, "m.id").Select(read, 1)}) l),
                changed as (
                update companies r
                set {plan.Dialect.Assign(Sets, "m")}updated_at = now(), updated_by = @user
                from {Probe.Found("found", plan.Dialect)} m
                where {Probe.IsAtPlace(Type, "m", "id", "found", plan.Dialect)} and not (m.{ChangeLog.IsUnchanged})
                returning r.id, m.detail),
                {log.OfJob(Wave.ChangesCompanies, ChangeLog.InIdOrder("changed"))}
                select id, detail from changed
                """;
        }
    }

    /// <summary>
    /// Writes which company each row of a wave is linked with, and what became of it: the word at the row's place in <c>@outcomes</c>.
    /// </summary>
    public static string LogLinks { get; } = new ChangeLog(Type, LogEffect.Linked) { HasRowNumbers = true, HasDetails = true }.Statement(
        Wave.Links,
        $"""
        (select s.link_id as id, {StageSql.RowNumber}, (@outcomes)[s.seq + 1] as detail from stage s
         where {StageSql.InWave} and s.link_id is not null order by s.link_id)
        """);

    private IEnumerable<(string Column, string Value)> Sets
    {
        get
        {
            foreach (var each in Own.Where(each => each.Column.Policy != ColumnPolicy.CreateOnly))
            {
                var (key, value) = (KeyOf(each.Column), Typed(each));
                yield return (key, each.Column.Policy == ColumnPolicy.FillBlank
                    ? $"coalesce(r.{key}, {value})"
                    : CompanyValues.Clears(each.Column, plan.Clears) ? value : $"coalesce({value}, r.{key})");
            }

            if (!given.Any(column => column.Field.IsCustom && column.Policy != ColumnPolicy.CreateOnly)) yield break;
            var cleared = given.Where(column => column is { Field.IsCustom: true, Policy: ColumnPolicy.Overwrite })
                .Where(column => CompanyValues.Clears(column, plan.Clears))
                .Select(column => Invariant($"{column.Field.Slot}"));
            yield return ("custom", $"m.filled::jsonb || (r.custom - '{{{string.Join(',', cleared)}}}'::text[]) || m.replaced::jsonb");
        }
    }

    private static string KeyOf(MappedColumn column) => column.Field.OfCompany!.Key;

    private static string Value(int place) => Invariant($"v{place}");

    private static string Typed((int Place, MappedColumn Column) each) =>
        $"m.{Value(each.Place)}{(each.Column.Field.SqlType == "text" ? "" : "::" + each.Column.Field.SqlType)}";

    private string Parameters(string[] custom) =>
        string.Concat(Own.Select(each => Value(each.Place)).Concat(custom).Select(name => $", @{name}"));

    private static string Names(IEnumerable<string> names) => string.Join(", ", names);
}
