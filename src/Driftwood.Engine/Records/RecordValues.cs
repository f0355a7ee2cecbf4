using System.Text;

namespace Driftwood.Engine.Records;

/// <summary>
/// The values of one record as they are about to be stored: read by the same function as the cells of a file. A field
/// that is not in here was not mentioned; one that is here with null is to be blank.
/// </summary>
public sealed class RecordValues
{
    private readonly Dictionary<string, string?> _texts = [];

    /// <summary>The new tags; null when they were not mentioned.</summary>
    public TagSet? Tags { get; private set; }

    /// <summary>Nothing was mentioned.</summary>
    public bool IsEmpty => _texts.Count == 0 && Tags is null;

    /// <summary>The keys of what was mentioned, <c>tags</c> included.</summary>
    public IEnumerable<string> Mentioned => Tags is null ? _texts.Keys : _texts.Keys.Append("tags");

    /// <summary>The stored form of a field's value; null when it is blank or was not mentioned.</summary>
    public string? this[string key] => _texts.GetValueOrDefault(key);

    /// <summary>Whether the field was mentioned, with a value or to blank it.</summary>
    public bool Has(string key) => _texts.ContainsKey(key);

    /// <summary>Reads a value as people wrote it; the fault that refuses it, or null.</summary>
    public CellFault? Set(Field field, string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            _texts[field.Key] = null;
            return null;
        }

        // Encoding replaces a lone surrogate, so that it must be looked for before.
        if (!Blank.IsWellFormed(value)) return CellFault.Characters;
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(value), scratch, out var stored, out var fault)) return fault;
        _texts[field.Key] = stored.IsEmpty ? null : Encoding.UTF8.GetString(stored);
        return null;
    }

    /// <summary>Reads the whole list of tags; the fault that refuses it, or null.</summary>
    public CellFault? SetTags(IEnumerable<string> tags)
    {
        var read = TagSet.Read(tags, out var fault);
        if (fault is null) Tags = read;
        return fault;
    }

    /// <summary>What a new record of this type would lack.</summary>
    internal IEnumerable<FieldFault> MissingIn(RecordType type)
    {
        foreach (var field in type.Fields.Where(field => field.Required && this[field.Key] is null)) yield return Required(field);
        if (type.AnyOf.Count > 0 && type.AnyOf.All(key => this[key] is null)) yield return NeedsAnyOf(type);
    }

    /// <summary>Required fields that an update would blank.</summary>
    internal IEnumerable<FieldFault> BlankedIn(RecordType type) =>
        type.Fields.Where(field => field.Required && Has(field.Key) && this[field.Key] is null).Select(Required);

    internal static FieldFault NeedsAnyOf(RecordType type) =>
        new(type.AnyOf[0], "required", $"The record needs a value in at least one of {string.Join(", ", type.AnyOf)}.");

    private static FieldFault Required(Field field) => new(field.Key, "required", $"{field.Label} is required and must not be blank.");
}
