using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>The instruction of a bulk job in the simplest form.</summary>
/// <param name="Operation">delete, update or tag.</param>
internal sealed record PlainBulk(string Operation)
{
    /// <summary>For update: the given values by field key; null clears a field. Values of tags fields are in <see cref="Lists"/>.</summary>
    public IReadOnlyDictionary<string, string?> Fields { get; init; } = new Dictionary<string, string?>();

    /// <summary>For update: the values of custom fields of kind tags; an empty list clears a field.</summary>
    public IReadOnlyDictionary<string, string[]> Lists { get; init; } = new Dictionary<string, string[]>();

    /// <summary>For update of the record's tags, or for tag with set.</summary>
    public string[]? SetTags { get; init; }

    /// <summary>For tag: the tags to add.</summary>
    public string[]? Add { get; init; }

    /// <summary>For tag: the tags to remove.</summary>
    public string[]? Remove { get; init; }
}

/// <summary>The oracle of a bulk job. It applies the job to one target after the other.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="bulk">The instruction.</param>
/// <param name="records">The account's records. The oracle changes them.</param>
/// <param name="pointing">The contacts that may point to the records, if those are not contacts. The oracle changes them.</param>
/// <param name="referable">Ids of the account's companies and sources.</param>
internal sealed class BulkOneByOne(
    RecordType type, PlainBulk bulk, List<PlainRecord> records, List<PlainRecord> pointing, IReadOnlySet<Guid> referable)
{
    /// <summary>The targets that had the new values already.</summary>
    public int Unchanged { get; private set; }

    /// <summary>Applies the job to a target. Returns null on success, or the code of the failure.</summary>
    public string? Apply(Guid target)
    {
        if (records.Find(r => r.Id == target) is not { } record) return "not_found";
        if (bulk.Operation == "delete") return Delete(record);
        var changed = record.Copy();
        if ((bulk.Operation == "update" ? Update(changed) : Tag(changed)) is { } fault) return fault;
        if (!changed.MarkIfChanged(record, type)) Unchanged++;
        records[records.IndexOf(record)] = changed;
        return null;
    }

    private string? Delete(PlainRecord record)
    {
        records.Remove(record);
        foreach (var contact in pointing)
        {
            foreach (var field in RecordTypes.Contacts.Fields.Where(f => f.Target == type.Key && contact[f.Key] == record.Id.ToString()))
            {
                contact[field.Key] = null;
                contact.Touched = true;
            }
        }

        return null;
    }

    private string? Update(PlainRecord changed)
    {
        foreach (var (key, value) in bulk.Fields) changed[key] = value is null ? null : PlainRecord.Stored(type.Find(key)!, value);
        foreach (var (key, list) in bulk.Lists) changed.SetList(type.Find(key)!, TagSet.Read(list, out _));
        if (bulk.SetTags is { } tags) changed.Tags = TagSet.Read(tags, out _);
        if (type.AnyOf.Count > 0 && type.AnyOf.All(key => changed[key] is null)) return "required";
        var references = type.Fields.Where(f => f.Kind == FieldKind.Reference && bulk.Fields.GetValueOrDefault(f.Key) is not null);
        if (references.Any(f => !referable.Contains(Guid.Parse(changed[f.Key]!)))) return "not_found";
        foreach (var field in type.Fields.Where(f => f.Unique && bulk.Fields.ContainsKey(f.Key)))
        {
            if (changed.Key(field) is { } key && records.Exists(other => other.Id != changed.Id && other.Key(field) == key))
            {
                return "duplicate_value";
            }
        }

        return null;
    }

    private string? Tag(PlainRecord changed)
    {
        if (bulk.SetTags is { } all)
        {
            changed.Tags = TagSet.Read(all, out _);
            return null;
        }

        var removed = TagSet.Read(bulk.Remove ?? [], out _).Keys;
        var kept = changed.Tags.Names.Where(name => !removed.Contains(MatchKeys.OfTag(name)));
        changed.Tags = TagSet.Read(kept.Concat(bulk.Add ?? []), out var fault);
        return fault?.Code;
    }
}
