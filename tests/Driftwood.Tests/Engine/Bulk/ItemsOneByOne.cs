using System.Text.Json.Nodes;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>One item of a job in the simplest form.</summary>
internal sealed class PlainItem
{
    public Guid? Id { get; init; }

    /// <summary>The given values by field key; null clears a field. Values of tags fields are in <see cref="Lists"/>.</summary>
    public Dictionary<string, string?> Fields { get; init; } = [];

    /// <summary>The values of custom fields of kind tags; an empty list clears a field.</summary>
    public Dictionary<string, string[]> Lists { get; init; } = [];

    public string[]? Tags { get; init; }

    /// <summary>A member that cannot be read, and the fault code for it.</summary>
    public (string Name, JsonNode? Value, string Code)? Bad { get; init; }

    public IEnumerable<string> Mentioned => [.. Fields.Keys, .. Lists.Keys, .. Tags is null ? Array.Empty<string>() : ["tags"]];
}

/// <summary>The outcome of an item.</summary>
/// <param name="Code">The code of the failure, or null.</param>
/// <param name="IsCreated">Says whether the item made its record.</param>
/// <param name="Record">The record that the item made, changed, or could not change.</param>
/// <param name="Id">The id that the item gave.</param>
internal sealed record ItemOutcome(string? Code, bool IsCreated, PlainRecord? Record, Guid? Id);

/// <summary>The oracle of a bulk job with items. It applies one item after the other.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="action">update, create or upsert.</param>
/// <param name="matchOn">For upsert: the key of the match field.</param>
/// <param name="records">The account's records. The oracle changes them.</param>
/// <param name="referable">Ids of the account's companies and sources.</param>
internal sealed class ItemsOneByOne(
    RecordType type, ItemAction action, string? matchOn, List<PlainRecord> records, IReadOnlySet<Guid> referable)
{
    /// <summary>The items whose record had all their values already.</summary>
    public int Unchanged { get; private set; }

    public ItemOutcome Apply(PlainItem item)
    {
        if ((item.Bad?.Code ?? FaultOfUpdate(item)) is { } unread) return new(unread, false, ById(item.Id), item.Id);
        var matches = Matches(item);
        if (matches.Count > 1) return new("ambiguous_match", false, null, item.Id);
        var before = matches.SingleOrDefault();
        if (before is null && (action == ItemAction.Update || item.Id is not null)) return new("not_found", false, null, item.Id);
        var after = before?.Copy() ?? new PlainRecord();
        Set(after, item);
        if (before is null && type.Autonumber is not null) after["name"] = PlainRecord.NumberedName;
        if (FaultOf(before, after, item) is { } fault) return new(fault, false, before, item.Id);
        if (before is null)
        {
            after.Touched = true;
            records.Add(after);
            return new(null, true, after, item.Id);
        }

        if (!after.MarkIfChanged(before, type)) Unchanged++;
        records[records.IndexOf(before)] = after;
        return new(null, false, after, item.Id);
    }

    private PlainRecord? ById(Guid? id) => id is null ? null : records.Find(record => record.Id == id);

    private string? Key(PlainItem item, string key)
    {
        var field = type.Find(key)!;
        return item.Fields.GetValueOrDefault(key) is { } value
            && PlainRecord.Stored(field, value) is { } stored ? MatchKeys.Of(field.MatchKey!.Value, stored) : null;
    }

    private string? FaultOfUpdate(PlainItem item)
    {
        if (action != ItemAction.Update) return null;
        if (item.Id is null && Key(item, "external_id") is null) return "required";
        return item.Mentioned.Any(field => item.Id is not null || field != "external_id") ? null : "required";
    }

    private List<PlainRecord> Matches(PlainItem item)
    {
        if (action == ItemAction.Create) return [];
        if (item.Id is not null) return ById(item.Id) is { } found ? [found] : [];
        var on = action == ItemAction.Update ? "external_id" : matchOn!;
        return on != "id" && Key(item, on) is { } key ? records.FindAll(record => record.Key(type.Find(on)!) == key) : [];
    }

    private void Set(PlainRecord record, PlainItem item)
    {
        foreach (var (key, value) in item.Fields) record[key] = value is null ? null : PlainRecord.Stored(type.Find(key)!, value);
        foreach (var (key, list) in item.Lists) record.SetList(type.Find(key)!, TagSet.Read(list, out _));
        if (item.Tags is { } tags) record.Tags = TagSet.Read(tags, out _);
    }

    private string? FaultOf(PlainRecord? before, PlainRecord after, PlainItem item)
    {
        var mentioned = item.Mentioned.ToHashSet();
        if (type.Fields.Any(
            f => f is { Required: true, IsReadOnly: false } && after.IsBlank(f) && (before is null || mentioned.Contains(f.Key))))
        {
            return "required";
        }
        if (type.AnyOf.Count > 0 && type.AnyOf.All(key => after[key] is null)) return "required";
        var references = type.Fields.Where(f => f.Kind == FieldKind.Reference && item.Fields.GetValueOrDefault(f.Key) is not null);
        if (references.Any(f => !referable.Contains(Guid.Parse(after[f.Key]!)))) return "not_found";
        var unique = type.Fields.Where(
            f => f is { Unique: true, IsReadOnly: false } && mentioned.Contains(f.Key) && after.Key(f) is not null);
        return unique.Any(f => records.Exists(other => other != before && other.Key(f) == after.Key(f))) ? "duplicate_value" : null;
    }
}
