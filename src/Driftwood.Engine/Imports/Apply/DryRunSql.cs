using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The state that a dry run stores instead of records, in the chunk's transaction: only data that can decide the outcome of a later
/// row. <c>dry_run_keys</c> has the lookup keys of the records that the run would have created or changed. <c>dry_run_records</c> has
/// the records that it would have changed, with their tags if these are united; their stored keys no longer count. A record is copied
/// there as it is stored when it is changed for the first time.
/// </summary>
internal sealed class DryRunSql(ImportPlan plan, ChangedValues changes)
{
    /// <summary>Tags of a record add up from row to row. The tags that the job adds are the same every time.</summary>
    private bool KeepsTags => plan.Merges && plan.Tags is not null;

    /// <summary>Whether a row's change of a record can decide the outcome of a later row. Otherwise changes are only counted.</summary>
    private bool KeepsChanges => plan.UpdatesMatches && (plan.OtherUnique.Count > 0 || KeepsTags);

    /// <summary>The fields by which rows, and so records, are looked up.</summary>
    private IEnumerable<Field> LookedUp =>
        plan.OtherUnique.Append(plan.Match).OfType<MappedColumn>().Select(column => column.Field).Where(f => f.Kind != FieldKind.Id);

    /// <summary>After a wave's checks: stores the records that its sound rows would have created and changed.</summary>
    public IEnumerable<string> Keep()
    {
        var unique = plan.OtherUnique.Select(column => column.Field).ToList();
        if (plan.CreatesRecords && LookedUp.Any()) yield return Take(StageSql.Created, "s.new_id", LookedUp);
        if (plan.CreatesRecords && KeepsTags)
        {
            yield return "insert into dry_run_records (account_id, job_id, id, tag_keys) "
                + $"select s.account_id, s.job_id, s.new_id, s.tag_keys from stage s where {StageSql.Created}";
        }

        if (!KeepsChanges) yield break;
        yield return Copy;
        foreach (var field in unique) yield return GiveUp(field);
        if (unique.Count > 0) yield return Take(StageSql.Changed, "s.match_id", unique);
        if (KeepsTags)
        {
            yield return $"update dry_run_records r set tag_keys = {changes.TagsAfterMerge("tag_keys")} "
                + $"from stage s where {StageSql.Changed} and {OfRun("r")} and r.id = s.match_id";
        }
    }

    /// <summary>
    /// The current state of the matched record in the dry run, under the name <c>r</c>, with the values that the checks read. No row
    /// changes an unmapped field, so it has its stored value; it is blank in a record that is not stored.
    /// </summary>
    public string Matched
    {
        get
        {
            var tagKeys = "coalesce(kept.tag_keys, stored.tag_keys, '{}') as tag_keys";
            var columns = plan.Type.AnyOf.Select(key => "stored." + key).Append(tagKeys);
            return $"""
                from (select 1) one
                left join {plan.Type.Table} stored on {plan.Type.SameOwner("stored", "s")} and stored.id = s.match_id
                left join dry_run_records kept on {OfRun("kept")} and kept.id = s.match_id
                cross join lateral (select {string.Join(", ", columns)}) r
                where true
                """;
        }
    }

    /// <summary>The ids of the records with a key that the dry run would have created or changed.</summary>
    /// <param name="field">The field's name in <c>dry_run_keys</c>.</param>
    /// <param name="key">The SQL of the key.</param>
    public static string Holders(string field, string key) =>
        $"select k.record_id from dry_run_keys k where {OfRun("k")} and k.field = '{field}' and k.key = {key}";

    /// <summary>The records with the staged key in their dry-run state, instead of the stored ones.</summary>
    /// <param name="field">The staged key's field.</param>
    /// <param name="from">The SQL that finds the stored records.</param>
    /// <param name="id">The column of their ids.</param>
    public (string From, string Id) Lookup(Field field, string from, string id)
    {
        // No "not exists": in a join, a planner without statistics treats all records of the run like the single one.
        var unchanged = KeepsChanges ? $" and (select h.id from dry_run_records h where {OfRun("h")} and h.id = {id}) is null" : "";
        var holders = Holders(NameOf(field), "s." + StageSql.KeyColumn(field));
        return ($"from ({holders} union all select {id} {from}{unchanged}) r where true", "r.record_id");
    }

    private static string OfRun(string row) => $"{row}.account_id = s.account_id and {row}.job_id = s.job_id";

    private static string NameOf(Field field) => field.IsCustom ? $"{field.UniqueId}" : field.Key;

    // Copies records that are changed for the first time. Records that the run would have created are already there, or not needed.
    private string Copy
    {
        get
        {
            var copied = $"""
                insert into dry_run_records (account_id, job_id, id, tag_keys)
                select s.account_id, s.job_id, r.id, r.tag_keys from stage s
                join {plan.Type.Table} r on {plan.Type.SameOwner("r", "s")} and r.id = s.match_id
                where {StageSql.Changed}
                on conflict do nothing
                """;
            var keys = StoredKeys().ToList();
            return keys.Count == 0 ? copied : $"""
                with c as ({copied} returning account_id, job_id, id)
                insert into dry_run_keys (account_id, job_id, field, key, record_id)
                select c.account_id, c.job_id, k.field, k.key, c.id from c
                join {plan.Type.Table} r on {plan.Type.Owned("r", "c.account_id")} and r.id = c.id
                cross join lateral ({string.Join(" union all ", keys)}) as k (field, key)
                """;
        }
    }

    private IEnumerable<string> StoredKeys()
    {
        var own = LookedUp.Where(field => !field.IsCustom).Select(field => $"('{NameOf(field)}', r.{field.KeyColumn})").ToList();
        if (own.Count > 0)
        {
            yield return $"select v.field, v.key from (values {string.Join(", ", own)}) as v (field, key) where v.key is not null";
        }

        foreach (var field in LookedUp.Where(field => field.IsCustom))
        {
            yield return $"""
                select '{NameOf(field)}', u.key from unique_values u
                where u.account_id = c.account_id and u.record_id = c.id and u.field_id is not distinct from '{field.UniqueId}'
                """;
        }
    }

    // Finds keys by the record alone, as far as an index goes. With an equal account, job and field, a planner without statistics
    // would read all keys of the run.
    private string GiveUp(Field field) => $"""
        delete from dry_run_keys k using stage s
        where {StageSql.Changed} and k.record_id = s.match_id and k.account_id is not distinct from s.account_id
          and k.job_id is not distinct from s.job_id and k.field is not distinct from '{NameOf(field)}'
          and k.key {(plan.Clears ? "is distinct from" : "<>")} s.{StageSql.KeyColumn(field)}
        """;

    private static string Take(string rows, string record, IEnumerable<Field> fields) => $"""
        insert into dry_run_keys (account_id, job_id, field, key, record_id)
        select s.account_id, s.job_id, k.field, k.key, {record} from stage s
        cross join lateral (
            values {string.Join(", ", fields.Select(field => $"('{NameOf(field)}', s.{StageSql.KeyColumn(field)})"))}) as k (field, key)
        where {rows} and k.key is not null
        on conflict do nothing
        """;
}
