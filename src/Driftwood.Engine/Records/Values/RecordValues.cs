using System.Globalization;
using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// The values of one record before they are stored. The function that reads the cells of a file reads these values too. A field
/// that is absent was not mentioned; a field with null becomes blank.
/// </summary>
public sealed class RecordValues
{
    private readonly Dictionary<string, string?> _texts = [];
    private readonly Dictionary<string, TagSet> _tags = [];
    private readonly Dictionary<string, string> _paths = [];

    /// <summary>The record's new tags; null when they were not mentioned.</summary>
    public TagSet? Tags => _tags.GetValueOrDefault("tags");

    /// <summary>No field was mentioned.</summary>
    public bool IsEmpty => _texts.Count == 0 && _tags.Count == 0;

    /// <summary>The keys of the mentioned fields, <c>tags</c> included.</summary>
    public IEnumerable<string> Mentioned => _texts.Keys.Concat(_tags.Keys);

    /// <summary>The stored form of a field's value; null when it is blank, was not mentioned, or is a list of tags.</summary>
    public string? this[string key] => _texts.GetValueOrDefault(key);

    /// <summary>Whether the field was mentioned, with a value or to blank it.</summary>
    public bool Has(string key) => _texts.ContainsKey(key) || _tags.ContainsKey(key);

    /// <summary>The path of a field in the request: custom fields are in an object of their own, or beside the other fields.</summary>
    public string PathOf(Field field) => _paths.GetValueOrDefault(field.Key, field.Path);

    /// <summary>Sets the path of a field that is about to be read.</summary>
    internal void SetPath(Field field, string path) => _paths[field.Key] = path;

    /// <summary>Reads a value as people write it. Returns the fault that refuses it, or null.</summary>
    public Fault? Set(Field field, string? value)
    {
        // Encoding replaces a lone surrogate, so this check comes first.
        return Blank.IsWellFormed(value ?? "") ? Set(field, Encoding.UTF8.GetBytes(value ?? "")) : CellFaults.Characters;
    }

    /// <summary>The same for a value in UTF-8.</summary>
    public Fault? Set(Field field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            _texts[field.Key] = null;
            return null;
        }

        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, value, scratch, out var stored, out var fault)) return fault;
        _texts[field.Key] = stored.IsEmpty ? null : Encoding.UTF8.GetString(stored);
        return null;
    }

    /// <summary>Reads the whole list of a field's tags. Returns the fault that refuses it, or null.</summary>
    /// <param name="field">The record's own tags, or a custom field of that kind.</param>
    /// <param name="tags">The tags in their own spelling.</param>
    public Fault? SetTags(Field field, IEnumerable<string> tags)
    {
        var read = TagSet.Read(tags, out var fault);
        if (fault is null) _tags[field.Key] = read;
        return fault;
    }

    /// <summary>The mentioned custom values in stored form.</summary>
    internal string CustomJson(RecordType type)
    {
        using var json = new ByteBuffer(256);
        Records.Values.CustomJson.Begin(json);
        foreach (var field in type.CustomFields)
        {
            if (_tags.TryGetValue(field.Key, out var tags)) Records.Values.CustomJson.Add(field, tags, json);
            else if (this[field.Key] is { } text) Records.Values.CustomJson.Add(field, Encoding.UTF8.GetBytes(text), json);
        }

        Records.Values.CustomJson.End(json);
        return Encoding.UTF8.GetString(json.Written);
    }

    /// <summary>The slots of all mentioned custom fields, blank or not.</summary>
    internal string[] MentionedSlots(RecordType type) =>
        [.. type.CustomFields.Where(field => Has(field.Key)).Select(field => field.Slot!.Value.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Sets the name of an autonumbered record.</summary>
    internal void SetName(string name) => _texts["name"] = name;

    /// <summary>The required values that a new record of this type would lack.</summary>
    internal IEnumerable<Fault> MissingIn(RecordType type)
    {
        foreach (var field in type.Fields.Where(field => field is { Required: true, IsReadOnly: false } && IsBlank(field)))
        {
            yield return Required(field);
        }

        if (type.AnyOf.Count > 0 && type.AnyOf.All(key => this[key] is null)) yield return NeedsAnyOf(type);
    }

    /// <summary>The required fields that an update would blank.</summary>
    internal IEnumerable<Fault> BlankedIn(RecordType type) =>
        type.Fields.Where(field => field.Required && Has(field.Key) && IsBlank(field)).Select(Required);

    internal static Fault NeedsAnyOf(RecordType type) =>
        new(type.AnyOf[0], "required", $"The record needs a value in at least one of {string.Join(", ", type.AnyOf)}.");

    private bool IsBlank(Field field) => this[field.Key] is null && !(_tags.TryGetValue(field.Key, out var tags) && tags.Names.Count > 0);

    private Fault Required(Field field) => new(PathOf(field), "required", $"{field.Label} is required and must not be blank.");
}
