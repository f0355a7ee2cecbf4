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
    private bool KeepsChanges => plan.UpdatesMatches && (plan.OtherUnique.Count > 0 || plan.MatchesOnSeveral || KeepsTags);

    /// <summary>The fields by which rows, and so records, are looked up.</summary>
    private IEnumerable<Field> LookedUp =>
        plan.OtherUnique.Union(plan.Matches).Select(column => column.Field).Where(f => f.Kind != FieldKind.Id);

    /// <summary>After a wave's checks: stores the records that its sound rows would have created and changed.</summary>
    public IEnumerable<string> Keep()
    {
        // A record that is matched on one key always keeps it. One that is matched on the second of several may lose the first.
        var unique = plan.MatchesOnSeveral ? LookedUp.ToList() : [.. plan.OtherUnique.Select(column => column.Field)];
        if (plan.CreatesRecords && LookedUp.Any()) yield return Take(StageSql.Created, "s.new_id", LookedUp);
        if (plan.CreatesRecords && KeepsTags)
        {
            yield return "insert into dry_run_records (account_id, job_id, id, tag_keys) "
                + $"select s.account_id, @job, s.new_id, s.tag_keys from stage s where {StageSql.Created}";
        }

        if (!KeepsChanges) yield break;
        yield return Copy;
        foreach (var field in unique) yield return GiveUp(field);
        if (unique.Count > 0) yield return Take(StageSql.Changed, "s.match_id", unique);
        if (KeepsTags)
        {
            yield return $"""
                update dry_run_records r set tag_keys = {changes.TagsAfterMerge("tag_keys")}
                from (
                    select s.*, m.place from stage s cross join lateral ({Kept("s.match_id", "k.ctid as place")}) m
                    where {StageSql.Changed} offset 0) s
                where r.ctid = s.place and r.account_id = s.account_id
                """;
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
                left join lateral ({Probe.OfId(plan.Type, "s.match_id").Select("r.*", 1)}) stored on true
                left join lateral ({Kept("s.match_id", "k.*")}) kept on true
                cross join lateral (select {string.Join(", ", columns)}) r
                """;
        }
    }

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
        var unchanged = KeepsChanges ? stored.And($"({Kept(stored.Id, "k.id")}) is null") : stored;
        var holders = Holders(NameOf(field), "s." + StageSql.KeyColumn(field), limit);
        return $"({holders}) union all ({unchanged.Select(stored.Id, limit)}) limit {limit}";
    }

    private const string OfRun = "k.account_id = @account and k.job_id = @job";

    /// <summary>Finds a record that the run would have changed.</summary>
    private static string Kept(string id, string columns) => new Probe("dry_run_records k", OfRun, "k.id", id).Select(columns, 1);

    private static string NameOf(Field field) => field.IsCustom ? $"{field.UniqueId}" : field.Key;

    // Copies records that are changed for the first time. Records that the run would have created are already there, or not needed.
    private string Copy
    {
        get
        {
            var copied = $"""
                insert into dry_run_records (account_id, job_id, id, tag_keys)
                select s.account_id, @job, r.id, r.tag_keys from stage s
                cross join lateral ({Probe.OfId(plan.Type, "s.match_id").Select("r.id, r.tag_keys", 1)}) r
                where {StageSql.Changed}
                on conflict do nothing
                """;
            var keys = StoredKeys().ToList();
            return keys.Count == 0 ? copied : $"""
                with c as ({copied} returning account_id, job_id, id)
                insert into dry_run_keys (account_id, job_id, field, key, record_id)
                select c.account_id, c.job_id, k.field, k.key, c.id from c
                cross join lateral ({Probe.OfId(plan.Type, "c.id").Select("r.*", 1)}) r
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
            var keys = new Probe("unique_values u", "u.account_id = @account", "u.record_id", "c.id")
                .And($"u.field_id = '{field.UniqueId}'");
            yield return $"(select '{NameOf(field)}', u.key from ({keys.Select("u.key")}) u)";
        }
    }

    private string GiveUp(Field field)
    {
        var held = new Probe("dry_run_keys k", OfRun, "k.record_id", "s.match_id").And(
            $"k.field = '{NameOf(field)}' and k.key {(plan.Clears ? "is distinct from" : "<>")} s.{StageSql.KeyColumn(field)}");
        return $"""
            delete from dry_run_keys r using (
                select s.account_id, m.place from stage s cross join lateral ({held.Select("k.ctid as place")}) m
                where {StageSql.Changed} offset 0) s
            where r.ctid = s.place and r.account_id = s.account_id
            """;
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
