using System.Text;
using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine;

/// <summary>A record as the oracles keep it.</summary>
internal sealed class PlainRecord
{
    /// <summary>Null for a record that an import made: its id is not foretold.</summary>
    public Guid? Id { get; init; }

    /// <summary>Stored forms by field key; what is not there is null.</summary>
    public Dictionary<string, string> Values { get; init; } = [];

    public TagSet Tags { get; set; } = TagSet.Empty;

    /// <summary>Holds something in <c>custom</c>.</summary>
    public bool HasCustom { get; set; }

    /// <summary>Written by the job.</summary>
    public bool Touched { get; set; }

    public PlainRecord Copy() => new() { Id = Id, Values = new(Values), Tags = Tags, HasCustom = HasCustom, Touched = Touched };

    public string? this[string field]
    {
        get => Values.GetValueOrDefault(field);
        set
        {
            if (value is null) Values.Remove(field);
            else Values[field] = value;
        }
    }

    /// <summary>The value's match key, or null.</summary>
    public string? Key(Field field) => field.MatchKey is { } kind && this[field.Key] is { } value ? MatchKeys.Of(kind, value) : null;

    /// <summary>All of it in one line, to be compared with what the database holds.</summary>
    public string Show(RecordType type)
    {
        var text = new StringBuilder($"{(Id is { } id ? id.ToString() : "new")} {(Id is null ? "job" : "owner")}/{(Touched ? "job" : "owner")}");
        foreach (var field in type.Columns)
        {
            if (this[field.Key] is { } value) text.Append($" {field.Key}={value}");
            if (Key(field) is { } key) text.Append($" [{key}]");
        }

        return text.Append($" tags={string.Join('|', Tags.Names)} [{string.Join('|', Tags.Keys)}] custom={HasCustom}").ToString();
    }

    /// <summary>A value's stored form; null where it is blank. The value must be good.</summary>
    public static string? Stored(Field field, string value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(field, Encoding.UTF8.GetBytes(value), scratch, out var stored, out var fault)) throw new ArgumentException($"{field.Key} '{value}': {fault}");
        return stored.IsEmpty ? null : Encoding.UTF8.GetString(stored);
    }
}
