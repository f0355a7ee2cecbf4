using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The state that a dry run stores instead of records, in the chunk's transaction: only data that can decide the outcome of a later
/// row. <c>dry_run_keys</c> has the lookup keys of the records that the run would have created or changed. <c>dry_run_records</c> has
/// the values that it would have given them. Where a record may get another key, its stored keys no longer count once it is there.
/// </summary>
internal sealed class DryRunSql(ImportPlan plan, ChangedValues changes)
{
    /// <summary>Whether a row may change the keys by which later rows are looked up.</summary>
    private bool KeepsKeys => plan.UpdatesMatches && (plan.OtherUnique.Count > 0 || plan.MatchesOnSeveral);

    /// <summary>The fields by which rows, and so records, are looked up.</summary>
    private IEnumerable<Field> LookedUp =>
        plan.OtherUnique.Union(plan.Matches).Select(column => column.Field).Where(f => f.Kind != FieldKind.Id);

    /// <summary>
    /// Writes what would become of the rows that match a record to the change log, keeps the changed records, and returns the number of
    /// those that would change and of those that would not. Null if matches are not changed.
    /// </summary>
    public string? Update
    {
        get
        {
            if (!plan.UpdatesMatches) return null;
            List<(string Column, string Value)> sets = [.. changes.Sets];
            // A record that is not stored is one that a row before would create.
            const string Stored = $"case when is_stored then detail else '{ChangeLog.NotStored}' end as detail";
            var log = new ChangeLog(plan.Type, LogEffect.WouldUpdate) { HasRowNumbers = true, HasDetails = true };
            string Logged(string condition) => $"(select id, row_number, {Stored} from found where {condition})";
            var keys = StoredKeys().ToList();
            var copiedKeys = !KeepsKeys || keys.Count == 0 ? "" : $"""
                copied as (
                    insert into dry_run_keys (account_id, job_id, field, key, record_id)
                    select c.account_id, @job, k.field, k.key, c.id from found c
                    cross join lateral ({Probe.OfId(plan.Type, "c.id").Select("r.*", 1)}) r
                    cross join lateral ({string.Join(" union all ", keys)}) as k (field, key)
                    where not (c.{ChangeLog.IsUnchanged}) and c.is_kept is null),
                """;
            return $"""
                with found as materialized (
                    select s.account_id, s.match_id as id, {StageSql.RowNumber}, m.* from {StageSql.ChangedInIdOrder}
                    cross join lateral (
                        select {ChangeLog.Detail(sets, plan.KeepsChanges)} as detail, {Record(sets)} as record, is_stored, is_kept
                        {Matched}) m offset 0),
                kept as (
                    insert into dry_run_records as k (account_id, job_id, id, record)
                    select account_id, @job, id, record from found where not ({ChangeLog.IsUnchanged})
                    on conflict (account_id, job_id, id) do update set record = k.record || excluded.record),
                {copiedKeys}
                {log.OfJob(Wave.Updates, Logged($"not ({ChangeLog.IsUnchanged})"))},
                {log.OfUnchanged(Wave.Skips, Logged(ChangeLog.IsUnchanged))}
                select {ChangeLog.Sum("logged")}, {ChangeLog.Sum("left_alone")}
                """;
        }
    }

    /// <summary>After a wave's checks: stores the records that its sound rows would have created, and the keys of those changed.</summary>
    /// <param name="created">The columns of a new record with their values.</param>
    public IEnumerable<string> Keep(IEnumerable<(string Column, string Value)> created)
    {
        if (plan.CreatesRecords && LookedUp.Any())
        {
            yield return Take(StageSql.Created, "s.new_id", LookedUp);
            if (plan.UpdatesMatches)
            {
                var values = created.ToDictionary(each => each.Column, each => each.Value);
                foreach (var column in ChangeLog.Columns(plan.Type).Where(ChangeLog.IsNeverNull)) values.TryAdd(column, EmptyOf(column));
                yield return "insert into dry_run_records (account_id, job_id, id, record) "
                    + $"select s.account_id, @job, s.new_id, {Record(values.Select(each => (each.Key, each.Value)))} "
                    + $"from stage s where {StageSql.Created}";
            }
        }

        if (!KeepsKeys) yield break;
        // A record that is matched on one key always keeps it. One that is matched on the second of several may lose the first.
        var unique = plan.MatchesOnSeveral ? LookedUp.ToList() : [.. plan.OtherUnique.Select(column => column.Field)];
        foreach (var field in unique) yield return GiveUp(field);
        var isKept = $"({Kept("s.match_id", "k.id")}) is not null";
        if (unique.Count > 0) yield return Take($"{StageSql.Changed} and {isKept}", "s.match_id", unique);
    }

    /// <summary>The current state of the matched record in the dry run, under the name <c>r</c>.</summary>
    public string Matched => $"""
        from (select 1) one
        left join lateral ({Probe.OfId(plan.Type, "s.match_id").Select("r as record, true as is_stored", 1)}) stored on true
        left join lateral ({Kept("s.match_id", "k.record, true as is_kept")}) kept on true
        cross join lateral jsonb_populate_record(stored.record, kept.record) r
        """;

    /// <summary>The ids of the records with a key that the dry run would have created or changed.</summary>
    /// <param name="field">The field's name in <c>dry_run_keys</c>.</param>
    /// <param name="key">The SQL of the key.</param>
    /// <param name="limit">The most records.</param>
    public static string Holders(string field, string key, int limit) =>
        new Probe("dry_run_keys k", $"{OfRun} and k.field = '{field}'", "k.key", key).Select("k.record_id", limit);

    /// <summary>Finds the ids of the records with the staged key in their dry-run state, instead of the stored ones.</summary>
    /// <param name="field">The staged key's field.</param>
    /// <param name="stored">Finds the stored records.</param>
    /// <param name="limit">The most records.</param>
    public string Find(Field field, Probe stored, int limit)
    {
        var unchanged = KeepsKeys ? stored.And($"({Kept(stored.Id, "k.id")}) is null") : stored;
        var holders = Holders(NameOf(field), "s." + StageSql.KeyColumn(field), limit);
        return $"({holders}) union all ({unchanged.Select(stored.Id, limit)}) limit {limit}";
    }

    private const string OfRun = "k.account_id = @account and k.job_id = @job";

    /// <summary>Finds a record that the run would have changed.</summary>
    private static string Kept(string id, string columns) => new Probe("dry_run_records k", OfRun, "k.id", id).Select(columns, 1);

    private static string NameOf(Field field) => field.IsCustom ? $"{field.UniqueId}" : field.Key;

    // A function has a hundred arguments at most, so fifty columns. Custom values are one.
    private static string Record(IEnumerable<(string Column, string Value)> values) =>
        $"jsonb_build_object({string.Join(", ", values.Select(each => $"'{each.Column}', {each.Value}"))})";

    private static string EmptyOf(string column) => column == "custom" ? "'{}'::jsonb" : "'{}'::text[]";

    private IEnumerable<string> StoredKeys()
    {
        var own = LookedUp.Where(field => !field.IsCustom).Select(field => $"('{NameOf(field)}', r.{field.KeyColumn})").ToList();
        if (own.Count > 0)
        {
            yield return $"select v.field, v.key from (values {string.Join(", ", own)}) as v (field, key) where v.key is not null";
        }

        foreach (var field in LookedUp.Where(field => field.IsCustom))
        {
            var keys = new Probe("unique_values u", "u.account_id = @account", "u.record_id", "c.id")
                .And($"u.field_id = '{field.UniqueId}'");
            yield return $"(select '{NameOf(field)}', u.key from ({keys.Select("u.key")}) u)";
        }
    }

    private string GiveUp(Field field)
    {
        var held = new Probe("dry_run_keys k", OfRun, "k.record_id", "s.match_id").And(
            $"k.field = '{NameOf(field)}' and k.key {(plan.Clears ? "is distinct from" : "<>")} s.{StageSql.KeyColumn(field)}");
        return held.Delete("stage s", $" where {StageSql.Changed}", ["job_id", "field", "key", "record_id"], plan.Dialect);
    }

    private static string Take(string rows, string record, IEnumerable<Field> fields) => $"""
        insert into dry_run_keys (account_id, job_id, field, key, record_id)
        select s.account_id, @job, k.field, k.key, {record} from stage s
        cross join lateral (
            values {string.Join(", ", fields.Select(field => $"('{NameOf(field)}', s.{StageSql.KeyColumn(field)})"))}) as k (field, key)
        where {rows} and k.key is not null
        on conflict do nothing
        """;
}
