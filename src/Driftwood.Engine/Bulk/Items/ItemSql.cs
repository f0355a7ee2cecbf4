using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>
/// The statements that apply staged items, made once from the record type and the operation. <c>@wave</c> picks the items
/// that may be applied as a set. They are marked with the record that they are about and with what keeps them from being
/// applied; what is left unmarked is inserted or updated.
/// </summary>
internal sealed class ItemSql(RecordType type, ItemsOperation operation)
{
    private const string InWave = "s.wave = @wave";
    private const string Created = "s.wave = @wave and s.fault is null and s.match_id is null";
    private const string Changed = "s.wave = @wave and s.fault is null and s.match_id is not null";

    private string Table => type.Table;

    private string SameOwner => type.SameOwner("r", "s");

    private bool Changes => operation.Action != ItemAction.Create;

    private bool Creates => operation.Action != ItemAction.Update;

    /// <summary>The field whose keys stand in <c>by_key</c>; null where items are about records by their ids alone, or about none.</summary>
    private Field? KeyField => operation switch
    {
        { Action: ItemAction.Update } => type.Find("external_id"),
        { MatchOn: { Kind: not FieldKind.Id } match } => match,
        _ => null,
    };

    private static string ById => "r.id = s.by_id";

    /// <summary>
    /// seq and id of each record that an item of the stage may touch, or whose place it hangs on: the one it is about, and those
    /// that own its unique values. Null where no item changes a record.
    /// </summary>
    public string? Owners
    {
        get
        {
            if (!Changes) return null;
            var owners = type.Fields.Where(column => column is { Unique: true, IsReadOnly: false }).Select(column => Lookup(column, ItemStage.Key(column)));
            if (KeyField is { } match) owners = owners.Append(Lookup(match, "by_key"));
            return string.Join("\nunion all\n", owners.Select(found => $"select s.seq, o.id from stage s cross join lateral (select {found.Id} as id {found.From} limit 1) o"));
        }
    }

    /// <summary>Marks items with the record that they are about; several records: <c>ambiguous_match</c>.</summary>
    public IEnumerable<string> Match
    {
        get
        {
            if (!Changes) yield break;
            yield return $"update stage s set match_id = s.by_id where {InWave} and s.by_id is not null and exists (select 1 from {Table} r where {SameOwner} and {ById})";
            if (KeyField is not { } match) yield break;
            var (found, id) = Lookup(match, "by_key");
            var ambiguous = match.Unique ? "" : $", fault = case when (select count(*) from (select 1 {found} limit 2) two) > 1 then 'ambiguous_match {match.Key}' end";
            yield return $"update stage s set match_id = (select {id} {found} limit 1){ambiguous} where {InWave} and s.by_key is not null";
        }
    }

    /// <summary>Locks the records that will be changed, in the order of their ids, as everyone does who changes many.</summary>
    public string Lock => $"""
        select count(*)
        from (select s.* from stage s where {Changed} order by s.match_id offset 0) s
        cross join lateral (select 1 from {Table} r where {SameOwner} and r.id = s.match_id for update of r) locked
        """;

    /// <summary>
    /// Once they are locked: counts the items whose record is no longer what it was, as another writer came between. A statement
    /// of its own, since one that waits for a record sees that anew, but other tables as they were before.
    /// </summary>
    public string Lost
    {
        get
        {
            var byKey = "";
            if (KeyField is { } match)
            {
                var (found, id) = Lookup(match, "by_key");
                byKey = $" and not exists (select 1 {found} and {id} = s.match_id)";
            }

            return $"select count(*) from stage s where {Changed} and not exists (select 1 from {Table} r where {SameOwner} and {ById}){byKey}";
        }
    }

    /// <summary>Marks what cannot be applied with a code and the key of a field; the first fault counts.</summary>
    public string Check => $"update stage s set fault = case {string.Join(' ', Faults())} end where {InWave} and s.fault is null";

    /// <summary>
    /// Counts the items whose values are another record's, but that match that record, or some other, after all: it was made
    /// between the match and the check. Null where items match by no key.
    /// </summary>
    public string? Missed => KeyField is { } match
        ? $"select count(*) from stage s where {InWave} and s.fault like 'duplicate_value %' and s.match_id is null and exists (select 1 {Lookup(match, "by_key").From})"
        : null;

    /// <summary>Makes a record of each sound item without one. Null where items never make records.</summary>
    public string? Insert
    {
        get
        {
            if (!Creates) return null;
            List<string> names = [.. type.OwnerColumns.Select(owner => owner.Column), "id", "created_at", "created_by", "updated_at", "updated_by", "custom", "tags", "tag_keys"];
            List<string> values = [.. type.OwnerColumns.Select(owner => "s." + owner.Column), "s.new_id", "now()", "@user", "now()", "@user", "s.custom", "s.tags", "s.tag_keys"];
            foreach (var column in type.Columns)
            {
                names.Add(column.Key);
                values.Add(column.IsReadOnly ? "s.auto_name" : Staged(column));
                if (column.KeyColumn is not { } key) continue;
                names.Add(key);
                values.Add(column.IsReadOnly ? "s.auto_key" : "s." + ItemStage.Key(column));
            }

            // In the order of a key, so that two jobs with the same records wait for each other and do not deadlock.
            return $"insert into {Table} ({string.Join(", ", names)}) select {string.Join(", ", values)} from stage s where {Created} order by {(KeyField is null ? "s.k_external_id, s.seq" : "s.by_key, s.seq")}";
        }
    }

    /// <summary>Sets what each sound item mentions in its record. Null where items never change records.</summary>
    public string? Update
    {
        get
        {
            if (!Changes) return null;
            List<string> sets = ["updated_at = now()", "updated_by = @user", "custom = (r.custom - s.slots) || s.custom"];
            foreach (var column in type.Columns.Where(column => !column.IsReadOnly))
            {
                sets.Add($"{column.Key} = {After(column)}");
                if (column.KeyColumn is { } key) sets.Add($"{key} = case when '{column.Key}' = any (s.mentioned) then s.{ItemStage.Key(column)} else r.{key} end");
            }

            sets.Add("tags = case when 'tags' = any (s.mentioned) then s.tags else r.tags end");
            sets.Add("tag_keys = case when 'tags' = any (s.mentioned) then s.tag_keys else r.tag_keys end");
            return $"update {Table} r set {string.Join(", ", sets)} from (select s.* from stage s where {Changed} order by s.match_id offset 0) s where {SameOwner} and r.id = s.match_id";
        }
    }

    /// <summary>
    /// After a wave's records are written: their unique values that no index keeps apart, first those given up, then those
    /// taken. A value that another writer took meanwhile is a clash as one of a unique index is.
    /// </summary>
    public IEnumerable<string> UniqueValues
    {
        get
        {
            foreach (var column in type.UniqueValueFields.Where(column => Changes && !column.IsReadOnly))
            {
                yield return $"""
                    delete from unique_values u using stage s
                    where {Changed} and u.account_id = s.account_id and u.field_id = '{column.UniqueId}' and u.record_id = s.match_id
                      and '{column.Key}' = any (s.mentioned) and u.key is distinct from s.{ItemStage.Key(column)}
                    """;
            }

            foreach (var column in type.UniqueValueFields)
            {
                if (!column.IsReadOnly) yield return Take(column, ItemStage.Key(column), $"{InWave} and s.fault is null");
                else if (Creates) yield return Take(column, "auto_key", Created);
            }
        }
    }

    /// <summary>What became of a wave: seq, the record that was changed or null, the fault.</summary>
    public static string Outcomes => $"select s.seq, s.match_id, s.fault from stage s where {InWave}";

    private IEnumerable<string> Faults()
    {
        if (Changes) yield return "when s.match_id is null and s.by_id is not null then 'not_found id'";
        if (operation.Action == ItemAction.Update) yield return "when s.match_id is null then 'not_found external_id'";
        yield return "when s.match_id is null and s.lacks then 'lacks'";
        yield return "when s.match_id is not null and s.blanks then 'blanks'";
        if (Changes && type.AnyOf.Count > 0)
        {
            var left = type.AnyOf.Select(key => $"({After(type.Find(key)!)}) is not null");
            yield return $"when s.match_id is not null and s.mentioned && '{{{string.Join(',', type.AnyOf)}}}'::text[] and not exists (select 1 from {Table} r where {SameOwner} and r.id = s.match_id and ({string.Join(" or ", left)})) then 'any_of'";
        }

        foreach (var field in type.Columns.Where(field => field.Kind == FieldKind.Reference))
        {
            yield return $"when s.{ItemStage.Value(field)} is not null and not exists (select 1 from {field.Target} t where t.account_id = s.account_id and t.id = s.{ItemStage.Value(field)}::uuid) then 'not_found {field.Key}'";
        }

        foreach (var field in type.Fields.Where(field => field is { Unique: true, IsReadOnly: false })) yield return Duplicate(field, ItemStage.Key(field), "s.match_id");
        foreach (var field in type.Fields.Where(field => Creates && field is { Unique: true, IsReadOnly: true })) yield return Duplicate(field, "auto_key", "s.match_id", "s.match_id is null and ");
    }

    private string Duplicate(Field field, string key, string own, string where = "")
    {
        var (found, id) = Lookup(field, key);
        return $"when {where}s.{key} is not null and exists (select 1 {found} and {id} is distinct from {own}) then 'duplicate_value {field.Key}'";
    }

    /// <summary>Where the records with the staged key stand, under the name <c>r</c>, and what their ids are called there.</summary>
    private (string From, string Id) Lookup(Field field, string key) => field.UniqueId is { } unique
        ? ($"from unique_values r where r.account_id = s.account_id and r.field_id = '{unique}' and r.key = s.{key}", "r.record_id")
        : ($"from {Table} r where {SameOwner} and r.{field.KeyColumn} = s.{key}", "r.id");

    // In the order of the keys, as records are inserted.
    private static string Take(Field field, string key, string rows) => $"""
        insert into unique_values (account_id, field_id, key, record_id)
        select s.account_id, '{field.UniqueId}', s.{key}, coalesce(s.match_id, s.new_id) from stage s
        where {rows} and s.{key} is not null and not exists (
            select 1 from unique_values u
            where u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.key = s.{key} and u.record_id = s.match_id)
        order by s.{key}
        """;

    private static string After(Field field) => $"case when '{field.Key}' = any (s.mentioned) then {Staged(field)} else r.{field.Key} end";

    private static string Staged(Field field) =>
        field.SqlType == "text" ? "s." + ItemStage.Value(field) : $"s.{ItemStage.Value(field)}::{field.SqlType}";
}
