using System.Globalization;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// Changes the tags of each target, or the list of a custom field of tags. <paramref name="Set"/> replaces them; otherwise the operation
/// removes <paramref name="Remove"/> and then adds <paramref name="Add"/>.
/// </summary>
/// <param name="Type">The type of the targets.</param>
/// <param name="Field">The record's own tags, or a custom field of that kind.</param>
/// <param name="Add">Tags that the record gets.</param>
/// <param name="Remove">Tags that the record loses, unless they are also added.</param>
/// <param name="Set">All tags of the record after the change.</param>
public sealed record TagOperation(RecordType Type, Field Field, TagSet? Add, TagSet? Remove, TagSet? Set) : BulkOperation(Type)
{
    internal static TagOperation Read(RecordType type, OperationParams given)
    {
        given.Accept("add", "remove", "set", "field");
        var operation = new TagOperation(
            type, ReadField(type, given), ReadTags("add", given), ReadTags("remove", given), ReadTags("set", given));
        if (operation is { Set: not null } and not { Add: null, Remove: null })
        {
            given.Faults.Add(new Fault("params", "conflict", "set cannot be given together with add or remove."));
        }

        if (operation is { Set: null, Add: not { Names.Count: > 0 }, Remove: not { Names.Count: > 0 } } && given.Faults.Count == 0)
        {
            given.Faults.Add(new Fault("params", "required", "Expected tags in add or remove, or in set.", ["add", "remove", "set"]));
        }

        return operation;
    }

    internal override TargetStatements CreateStatements(bool keepsChanges, SqlDialect dialect)
    {
        var change = new ChangeSql(Type, keepsChanges, dialect);
        if (Field.Slot is { } slot) ChangeList(change, slot.ToString(CultureInfo.InvariantCulture));
        else if (Set is { } all) change.SetTags(all);
        else AddAndRemove(change, Add ?? TagSet.Empty, Remove ?? TagSet.Empty);
        return change.ToStatements();
    }

    private static Field ReadField(RecordType type, OperationParams given)
    {
        var own = type.Fields.First(field => field.IsTags);
        if (given.Find("field") is not { ValueKind: not JsonValueKind.Null } json) return own;
        var lists = type.Fields.Where(field => field.Kind == FieldKind.Tags).ToList();
        var key = json.ValueKind == JsonValueKind.String ? JsonText.String(json) : null;
        if (lists.Find(field => field.Key == key) is { } found) return found;
        var code = key is null ? "wrong_type" : "invalid_choice";
        string[] accepted = [.. lists.Select(field => field.Key)];
        given.Faults.Add(new Fault("params.field", code, $"Expected a field of tags of {type.Key}.", accepted));
        return own;
    }

    private static TagSet? ReadTags(string name, OperationParams given)
    {
        if (given.Find(name) is not { } json) return null;
        if (json.ValueKind == JsonValueKind.Null) return TagSet.Empty;
        if (json.ValueKind != JsonValueKind.Array || json.EnumerateArray().Any(tag => tag.ValueKind != JsonValueKind.String))
        {
            given.Faults.Add(new Fault($"params.{name}", "wrong_type", "Expected an array of strings."));
            return null;
        }

        var tags = TagSet.Read(json.EnumerateArray().Select(JsonText.String), out var fault);
        if (fault is not null) given.Faults.Add(new Fault($"params.{name}", fault.Code, fault.Message));
        return tags;
    }

    /// <summary>Changes the list that <c>custom</c> has under a slot. A list without tags is not stored.</summary>
    private void ChangeList(ChangeSql change, string slot)
    {
        var (add, remove) = (Set ?? Add ?? TagSet.Empty, Remove ?? TagSet.Empty);
        change.Values.Add("slot", slot);
        change.Values.Add("add_names", add.Names);
        change.Values.Add("add_keys", add.Keys);
        change.Values.Add("remove_keys", remove.Keys);
        var stored = Set is null ? StoredTags : "select null::text as name, null::text as key, null::bigint as place where false";
        var tags = $"""
            select coalesce(array_agg(n.name order by n.place), '{"{}"}') as names,
                   coalesce(array_agg(n.key order by n.place), '{"{}"}') as keys
            from (
                select o.* from ({stored}) o where o.key <> all (@remove_keys)
                union all
                select a.name, a.key, a.place + {TagSet.MaxTags} from unnest(@add_names, @add_keys) with ordinality as a(name, key, place)
                where a.key = any (@remove_keys) or a.key not in (select o.key from ({stored}) o)
            ) n
            """;
        change.Sets.Add(("custom", $"""
            (
                select case when t.names = '{"{}"}' then r.custom - @slot
                            else r.custom || jsonb_build_object(@slot, jsonb_build_object('names', t.names, 'keys', t.keys)) end
                from ({tags}) t)
            """));
        change.RequiredMessage = $"A record needs a value in {Field.Key}.";
        if (Field.Required) change.Faults.Add($"when (select t.names = '{"{}"}' from ({tags}) t) then 'required'");
        if (Set is not null || add.Names.Count == 0) return;
        // Most lists are short. For those, the check does not have to build the new list.
        var mayBeTooLong = $"jsonb_array_length(r.custom -> @slot -> 'keys') > {TagSet.MaxTags - add.Names.Count}";
        change.Faults.Add($"when {mayBeTooLong} and (select cardinality(t.names) > {TagSet.MaxTags} from ({tags}) t) then 'too_long'");
    }

    private const string StoredTags = """
        select p.name, p.key, p.place
        from rows from (
            jsonb_array_elements_text(r.custom -> @slot -> 'names'), jsonb_array_elements_text(r.custom -> @slot -> 'keys'))
            with ordinality as p(name, key, place)
        """;

    private static void AddAndRemove(ChangeSql change, TagSet add, TagSet remove)
    {
        change.Values.Add("add_names", add.Names);
        change.Values.Add("add_keys", add.Keys);
        change.Values.Add("remove_keys", remove.Keys);
        change.Sets.AddRange([("tags", Tags("tags", "name")), ("tag_keys", Tags("tag_keys", "key"))]);
        if (add.Names.Count == 0) return;
        // Most records have few tags. For those, the check does not have to build the new list.
        var room = TagSet.MaxTags - add.Names.Count;
        change.Faults.Add(
            $"when cardinality(r.tag_keys) > {room} and cardinality({Tags("tag_keys", "key")}) > {TagSet.MaxTags} then 'too_long'");
    }

    // The record's remaining tags in their order (unnest keeps the order of an array), followed by the added tags that it does not
    // have. An array is split only if the record has one of the named tags.
    private static string Tags(string column, string element) => $"""
        case when r.tag_keys && @remove_keys
             then array(select o.{element} from unnest(r.tags, r.tag_keys) as o(name, key) where o.key <> all (@remove_keys))
             else r.{column} end
        || case when r.tag_keys && @add_keys
             then array(
                select n.{element} from unnest(@add_names, @add_keys) as n(name, key)
                where n.key = any (@remove_keys) or n.key <> all (r.tag_keys))
             else @add_{element}s end
        """;
}
