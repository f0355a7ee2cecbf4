using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>
/// Changes the tags of each target. <paramref name="Set"/> replaces them; otherwise the operation removes <paramref name="Remove"/>
/// and then adds <paramref name="Add"/>.
/// </summary>
/// <param name="Type">The type of the targets.</param>
/// <param name="Add">Tags that the record gets.</param>
/// <param name="Remove">Tags that the record loses, unless they are also added.</param>
/// <param name="Set">All tags of the record after the change.</param>
public sealed record TagOperation(RecordType Type, TagSet? Add, TagSet? Remove, TagSet? Set) : BulkOperation(Type)
{
    internal static TagOperation Read(RecordType type, OperationParams given)
    {
        given.Accept("add", "remove", "set");
        var operation = new TagOperation(type, ReadTags("add", given), ReadTags("remove", given), ReadTags("set", given));
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

    internal override TargetStatements CreateStatements(bool keepsChanges)
    {
        var change = new ChangeSql(Type, keepsChanges);
        if (Set is { } all) change.SetTags(all);
        else AddAndRemove(change, Add ?? TagSet.Empty, Remove ?? TagSet.Empty);
        return change.ToStatements();
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

    private static void AddAndRemove(ChangeSql change, TagSet add, TagSet remove)
    {
        change.Values.Add("add_names", add.Names);
        change.Values.Add("add_keys", add.Keys);
        change.Values.Add("remove_keys", remove.Keys);
        change.Sets.AddRange([$"tags = {Tags("tags", "name")}", $"tag_keys = {Tags("tag_keys", "key")}"]);
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
