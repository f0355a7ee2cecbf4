using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// What a dry run keeps in place of records, in the chunk's transaction: as much as may decide what becomes of a later row,
/// and no more. <c>dry_run_keys</c> has the keys, of those that rows are looked up by, of the records it would have made or
/// changed; <c>dry_run_records</c> those it would have changed, whose stored keys no longer count, and their tags where these
/// are united. A record that is changed for the first time is copied there as it stands.
/// </summary>
internal sealed class DryRunSql(ImportPlan plan)
{
    /// <summary>Tags of a record add up from row to row; what the job adds to each is the same every time.</summary>
    private bool KeepsTags => plan.Merges && plan.Tags is not null;

    /// <summary>Whether a row's change of a record can decide what becomes of a later row; it is else only counted.</summary>
    private bool KeepsChanges => plan.UpdatesMatches && (plan.OtherUnique.Count > 0 || KeepsTags);

    /// <summary>The columns that rows, and so records, are looked up by.</summary>
    private IEnumerable<MappedColumn> LookedUp => plan.OtherUnique.Concat(plan.Match is { Field.Kind: not FieldKind.Id } match ? [match] : []);

    /// <summary>After a wave's checks: keeps what its sound rows would have made and changed.</summary>
    public IReadOnlyList<string> Keep
    {
        get
        {
            List<string> statements = [];
            if (plan.CreatesRecords && LookedUp.Any()) statements.Add(Take(StageSql.Created, "s.new_id", LookedUp));
            if (plan.CreatesRecords && KeepsTags) statements.Add($"insert into dry_run_records (account_id, job_id, id, tag_keys) select s.account_id, s.job_id, s.new_id, s.tag_keys from stage s where {StageSql.Created}");
            if (!KeepsChanges) return statements;
            statements.Add(Copy);
            statements.AddRange(plan.OtherUnique.Select(GiveUp));
            if (plan.OtherUnique.Count > 0) statements.Add(Take(StageSql.Changed, "s.match_id", plan.OtherUnique));
            if (KeepsTags) statements.Add($"update dry_run_records r set tag_keys = {new ChangedValues(plan).TagsAfterMerge("tag_keys")} from stage s where {StageSql.Changed} and {OfRun("r")} and r.id = s.match_id");
            return statements;
        }
    }

    /// <summary>
    /// The matched record as it would be by now, under the name <c>r</c>, as far as the checks read it: no row changes a field
    /// that is not mapped, so those are as they are stored, and blank in a record that is not.
    /// </summary>
    public string Matched
    {
        get
        {
            var columns = plan.Type.AnyOf.Select(key => "stored." + key).Append("coalesce(kept.tag_keys, stored.tag_keys, '{}') as tag_keys");
            return $"""
                from (select 1) one
                left join {plan.Type.Table} stored on {plan.Type.SameOwner("stored", "s")} and stored.id = s.match_id
                left join dry_run_records kept on {OfRun("kept")} and kept.id = s.match_id
                cross join lateral (select {string.Join(", ", columns)}) r
                where true
                """;
        }
    }

    /// <summary>The ids of the records with a key that the dry run would have made or changed.</summary>
    /// <param name="field">As it stands in <c>dry_run_keys</c>.</param>
    /// <param name="key">SQL of the key.</param>
    public static string Holders(string field, string key) =>
        $"select k.record_id from dry_run_keys k where {OfRun("k")} and k.field = '{field}' and k.key = {key}";

    /// <summary>The records with the staged key as they would be by now, in place of those stored.</summary>
    /// <param name="column">The staged key's.</param>
    /// <param name="from">Where the stored ones stand.</param>
    /// <param name="id">What their ids are called there.</param>
    public (string From, string Id) Lookup(MappedColumn column, string from, string id)
    {
        // No "not exists": as a join, to a planner that knows nothing of the table, all records of the run are as good as the one.
        var unchanged = KeepsChanges ? $" and (select h.id from dry_run_records h where {OfRun("h")} and h.id = {id}) is null" : "";
        return ($"from ({Holders(NameOf(column.Field), "s." + column.Key)} union all select {id} {from}{unchanged}) r where true", "r.record_id");
    }

    private static string OfRun(string row) => $"{row}.account_id = s.account_id and {row}.job_id = s.job_id";

    private static string NameOf(Field field) => field.IsCustom ? $"{field.UniqueId}" : field.Key;

    // Of records that are changed for the first time: those it would have made are there already, or need not be.
    private string Copy
    {
        get
        {
            var own = LookedUp.Where(column => !column.Field.IsCustom).Select(column => $"('{NameOf(column.Field)}', r.{column.Field.KeyColumn})").ToList();
            List<string> keys = own.Count == 0 ? [] : [$"select v.field, v.key from (values {string.Join(", ", own)}) as v (field, key) where v.key is not null"];
            keys.AddRange(LookedUp.Where(column => column.Field.IsCustom).Select(column => $"select '{NameOf(column.Field)}', u.key from unique_values u where u.account_id = c.account_id and u.record_id = c.id and u.field_id is not distinct from '{column.Field.UniqueId}'"));
            var copied = $"""
                insert into dry_run_records (account_id, job_id, id, tag_keys)
                select s.account_id, s.job_id, r.id, r.tag_keys from stage s
                join {plan.Type.Table} r on {plan.Type.SameOwner("r", "s")} and r.id = s.match_id
                where {StageSql.Changed}
                on conflict do nothing
                """;
            return keys.Count == 0 ? copied : $"""
                with c as ({copied} returning account_id, job_id, id)
                insert into dry_run_keys (account_id, job_id, field, key, record_id)
                select c.account_id, c.job_id, k.field, k.key, c.id from c
                join {plan.Type.Table} r on {plan.Type.Owned("r", "c.account_id")} and r.id = c.id
                cross join lateral ({string.Join(" union all ", keys)}) as k (field, key)
                """;
        }
    }

    // By the record alone, as far as an index goes: an equal account, job and field would let a planner that knows nothing of the
    // table read all keys of the run.
    private string GiveUp(MappedColumn column) => $"""
        delete from dry_run_keys k using stage s
        where {StageSql.Changed} and k.record_id = s.match_id
          and k.account_id is not distinct from s.account_id and k.job_id is not distinct from s.job_id and k.field is not distinct from '{NameOf(column.Field)}'
          and {(plan.Clears ? $"k.key is distinct from s.{column.Key}" : $"k.key <> s.{column.Key}")}
        """;

    private static string Take(string rows, string record, IEnumerable<MappedColumn> columns) => $"""
        insert into dry_run_keys (account_id, job_id, field, key, record_id)
        select s.account_id, s.job_id, k.field, k.key, {record} from stage s
        cross join lateral (values {string.Join(", ", columns.Select(column => $"('{NameOf(column.Field)}', s.{column.Key})"))}) as k (field, key)
        where {rows} and k.key is not null
        on conflict do nothing
        """;
}
