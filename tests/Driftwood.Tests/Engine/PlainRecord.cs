using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Tests.Engine;

/// <summary>A record in the oracles.</summary>
internal sealed class PlainRecord
{
    /// <summary>Replaces the name of an autonumbered record that a job made. The test cannot predict its number.</summary>
    public const string NumberedName = "#";

    /// <summary>The slot of a field that has been deleted. No field of <see cref="RandomTypes"/> has this slot.</summary>
    public const int DeletedSlot = 1;

    /// <summary>Null for a record that an import made, because the test cannot predict its id.</summary>
    public Guid? Id { get; init; }

    /// <summary>The stored forms by field key. A missing value is null.</summary>
    public Dictionary<string, string> Values { get; init; } = [];

    /// <summary>The values of custom fields of kind tags by field key. A missing value is blank.</summary>
    public Dictionary<string, TagSet> Lists { get; init; } = [];

    /// <summary>The record's own tags.</summary>
    public TagSet Tags { get; set; } = TagSet.Empty;

    /// <summary>Says whether the record still holds the value of a deleted field.</summary>
    public bool HasLeftover { get; set; }

    /// <summary>Says whether the job wrote the record.</summary>
    public bool Touched { get; set; }

    public PlainRecord Copy() =>
        new() { Id = Id, Values = new(Values), Lists = new(Lists), Tags = Tags, HasLeftover = HasLeftover, Touched = Touched };

    /// <summary>
    /// Marks the record as written by the job if it differs from what it was. A record that has the new values already is not written.
    /// </summary>
    /// <returns>Whether it differs.</returns>
    public bool MarkIfChanged(PlainRecord before, RecordType type)
    {
        Touched = before.Touched;
        if (Show(type) == before.Show(type)) return false;
        Touched = true;
        return true;
    }

    public string? this[string field]
    {
        get => Values.GetValueOrDefault(field);
        set
        {
            if (value is null) Values.Remove(field);
            else Values[field] = value;
        }
    }

    public bool IsBlank(Field field) => !Values.ContainsKey(field.Key) && !Lists.ContainsKey(field.Key);

    /// <summary>Sets a custom field of kind tags. An empty set clears it.</summary>
    public void SetList(Field field, TagSet tags)
    {
        if (tags.Names.Count == 0) Lists.Remove(field.Key);
        else Lists[field.Key] = tags;
    }

    /// <summary>Copies a field's value from another record, even if it is blank.</summary>
    public void Take(Field field, PlainRecord other)
    {
        this[field.Key] = other[field.Key];
        SetList(field, other.Lists.GetValueOrDefault(field.Key, TagSet.Empty));
    }

    /// <summary>The match key of the value, or null.</summary>
    public string? Key(Field field) => field.MatchKey is { } kind && this[field.Key] is { } value ? MatchKeys.Of(kind, value) : null;

    /// <summary>The custom values in their stored form: by slot, without blank values.</summary>
    public string Custom(RecordType type)
    {
        JsonObject custom = [];
        if (HasLeftover) custom[Slot(DeletedSlot)] = "left over";
        foreach (var field in type.CustomFields.Where(f => !IsBlank(f))) custom[Slot(field.Slot!.Value)] = Custom(field);
        return custom.ToJsonString();
    }

    private JsonNode? Custom(Field field) => field.Kind switch
    {
        FieldKind.Tags => new JsonObject { ["keys"] = Strings(Lists[field.Key].Keys), ["names"] = Strings(Lists[field.Key].Names) },
        FieldKind.Integer or FieldKind.Decimal or FieldKind.Boolean => JsonNode.Parse(Values[field.Key]),
        _ => Values[field.Key],
    };

    private static JsonArray Strings(IEnumerable<string> strings) => [.. strings.Select(text => (JsonNode)text)];

    private static string Slot(int slot) => slot.ToString(CultureInfo.InvariantCulture);

    /// <summary>The expected rows of the record in <c>unique_values</c>, as "field key".</summary>
    public IEnumerable<string> UniqueValues(RecordType type) =>
        type.UniqueValueFields.Where(f => Key(f) is not null).Select(f => $"{f.UniqueId} {Key(f)}").Order(StringComparer.Ordinal);

    /// <summary>Shows the whole record in one line, for a comparison with the database.</summary>
    public string Show(RecordType type)
    {
        var text = new StringBuilder(
            $"{(Id is { } id ? id.ToString() : "new")} {(Id is null ? "job" : "owner")}/{(Touched ? "job" : "owner")}");
        foreach (var field in type.Columns)
        {
            if (this[field.Key] is { } value) text.Append($" {field.Key}={value}");
            if (Key(field) is { } key) text.Append($" [{key}]");
        }

        return text.Append(
            $" tags={string.Join('|', Tags.Names)} [{string.Join('|', Tags.Keys)}] custom={Custom(type)} "
            + $"unique=[{string.Join('|', UniqueValues(type))}]").ToString();
    }

    /// <summary>The stored form of a value; null if the value is blank. The value must be good.</summary>
    public static string? Stored(Field field, string value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(value), scratch, out var stored, out var fault))
        {
            throw new ArgumentException($"{field.Key} '{value}': {fault}");
        }
        return stored.IsEmpty ? null : Encoding.UTF8.GetString(stored);
    }
}
