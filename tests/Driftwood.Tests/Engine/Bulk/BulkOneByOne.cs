using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>What a bulk job is asked to do, in the simplest form.</summary>
/// <param name="Operation">delete, update or tag.</param>
internal sealed record PlainBulk(string Operation)
{
    /// <summary>update: values as given by field key, null to clear; those of tags are kept apart.</summary>
    public IReadOnlyDictionary<string, string?> Fields { get; init; } = new Dictionary<string, string?>();

    /// <summary>update: values of custom fields of kind tags, empty to clear.</summary>
    public IReadOnlyDictionary<string, string[]> Lists { get; init; } = new Dictionary<string, string[]>();

    /// <summary>update of the record's tags, or tag with set.</summary>
    public string[]? SetTags { get; init; }

    /// <summary>tag.</summary>
    public string[]? Add { get; init; }

    /// <summary>tag.</summary>
    public string[]? Remove { get; init; }
}

/// <summary>What a bulk job means, one target after the other.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="bulk">What is done.</param>
/// <param name="records">The account's records; changed.</param>
/// <param name="pointing">The contacts that may point to them, where they are not contacts themselves; changed.</param>
/// <param name="referable">Ids of the account's companies and sources.</param>
internal sealed class BulkOneByOne(
    RecordType type, PlainBulk bulk, List<PlainRecord> records, List<PlainRecord> pointing, IReadOnlySet<Guid> referable)
{
    /// <summary>Null when done, or the code of the failure.</summary>
    public string? Apply(Guid target)
    {
        if (records.Find(r => r.Id == target) is not { } record) return "not_found";
        if (bulk.Operation == "delete") return Delete(record);
        var changed = record.Copy();
        changed.Touched = true;
        if ((bulk.Operation == "update" ? Update(changed) : Tag(changed)) is { } fault) return fault;
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
