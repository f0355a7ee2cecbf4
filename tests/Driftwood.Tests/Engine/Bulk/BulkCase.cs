using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Engine.Records;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>A random bulk job over random records.</summary>
internal sealed class BulkCase
{
    private readonly Random _random;
    private readonly CellPicker _cells;
    private readonly bool _apart;

    public BulkCase(int seed, Guid[] companies, Guid[] sources, Guid foreign)
    {
        _random = new Random(seed);
        _cells = new CellPicker(_random, companies, sources, foreign);
        Type = RandomTypes.Make(_random);
        Existing = RandomRecords.Make(_random, _cells, Type, _random.Next(20), Type.Key switch { "companies" => companies, "sources" => sources, _ => [] });
        Pointing = Type.Key == "contacts" ? [] : RandomRecords.Make(_random, _cells, RecordTypes.Contacts, _random.Next(8), []);
        // Those that point to nothing of this type would break their foreign key.
        foreach (var field in RecordTypes.Contacts.Fields.Where(f => f.Target is not null && f.Target != Type.Key))
        {
            foreach (var contact in Pointing) contact[field.Key] = null;
        }

        Bulk = MakeBulk();
        _apart = _random.Next(2) == 0;
        Guid[] others = [foreign, Guid.CreateVersion7()];
        Guid[] ids = [.. Existing.Select(r => r.Id!.Value).Where(_ => _random.Next(4) > 0), .. others.Where(_ => _random.Next(2) == 0)];
        if (ids.Length == 0) ids = others;
        _random.Shuffle(ids);
        Targets = BulkCaseTargets.Make(_random, Type, Existing, ids);
        // Which of several targets gets a unique value depends on their order, which only one lane keeps.
        Lanes = Type.Fields.Any(f => f.Unique && Bulk.Fields.ContainsKey(f.Key)) ? 1 : _random.Next(1, 5);
        ChunkRows = _random.Next(1, 30);
        IsInterrupted = _random.Next(3) == 0;
        InterruptionSeed = _random.Next();
    }

    public RecordType Type { get; }

    public List<PlainRecord> Existing { get; }

    public List<PlainRecord> Pointing { get; }

    public PlainBulk Bulk { get; }

    public BulkCaseTargets Targets { get; }

    /// <summary>A unique field cannot be set on several targets, which is found out only once they are frozen.</summary>
    public bool IsRefused => Targets.Selecting is not null && Targets.Ids.Count > 1 && Type.Fields.Any(f => f.Unique && Bulk.Fields.GetValueOrDefault(f.Key) is not null);

    public int Lanes { get; }

    public int ChunkRows { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    public override string ToString() => $"{Bulk.Operation} {Type.Key} {Parameters()} targets {Targets.Ids.Count} {Targets.Selecting?.Filter}{Targets.Selecting?.Query}{string.Join('|', Targets.Selecting?.ExternalIds ?? [])} lanes {Lanes} chunk {ChunkRows} interrupted {IsInterrupted}";

    public string Parameters()
    {
        Dictionary<string, object?> members = [];
        if (Bulk.Operation == "update")
        {
            Dictionary<string, object?> fields = [];
            Dictionary<string, object?> custom = [];
            foreach (var (key, value) in Bulk.Fields) (IsApart(key) ? custom : fields)[key] = Json(Type.Find(key)!, value);
            foreach (var (key, list) in Bulk.Lists) (IsApart(key) ? custom : fields)[key] = list;
            if (custom.Count > 0) fields["custom"] = custom;
            if (Bulk.SetTags is { } tags) fields["tags"] = tags;
            members["fields"] = fields;
        }
        else
        {
            if (Bulk.SetTags is { } all) members["set"] = all;
            if (Bulk.Add is { } add) members["add"] = add;
            if (Bulk.Remove is { } remove) members["remove"] = remove;
        }

        return JsonSerializer.Serialize(members);
    }

    // Custom values stand in an object of their own or beside the others.
    private bool IsApart(string key) => Type.Find(key)!.IsCustom && _apart;

    // A number or a boolean may be given as such, or as text in any spelling that a cell may have. As such 7.00 is 7, as text it keeps its zeros.
    private object? Json(Field field, string? value)
    {
        if (value is null || _apart || field.Kind is not (FieldKind.Integer or FieldKind.Decimal or FieldKind.Boolean)) return value;
        var stored = PlainRecord.Stored(field, value)!;
        return stored.Contains(".0", StringComparison.Ordinal) ? value : JsonNode.Parse(stored);
    }

    private PlainBulk MakeBulk() => _random.Next(5) switch
    {
        0 => new("delete"),
        < 3 => MakeUpdate(),
        _ when _random.Next(4) == 0 => new("tag") { SetTags = Tags() },
        _ => new("tag") { Add = Tags(), Remove = Tags() },
    };

    private PlainBulk MakeUpdate()
    {
        var clearsNames = Type.AnyOf.Count > 0 && _random.Next(3) == 0;
        Dictionary<string, string?> fields = [];
        Dictionary<string, string[]> lists = [];
        foreach (var field in Type.Fields.Where(f => f is { IsTags: false, IsReadOnly: false }))
        {
            var clears = !field.Required && _random.Next(4) == 0;
            if (clearsNames && Type.AnyOf.Contains(field.Key) && _random.Next(6) > 0) fields[field.Key] = null;
            else if (_random.Next(field.IsCustom ? 3 : field.Unique ? 8 : 5) > 0) continue;
            else if (field.Kind == FieldKind.Tags) lists[field.Key] = clears ? [] : Tags();
            else fields[field.Key] = clears ? null : _cells.Stored(field);
        }

        // One that is another account's, or nobody's.
        if (Type.Find("company_id") is not null && _random.Next(6) == 0) fields["company_id"] = Guid.CreateVersion7().ToString();
        var tags = fields.Count + lists.Count == 0 || _random.Next(4) == 0 ? Tags() : null;
        return new PlainBulk("update") { Fields = fields, Lists = lists, SetTags = tags };
    }

    // With at least one tag, since an operation without any is refused.
    private string[] Tags() => [.. _cells.StoredTags().Names.Take(TagSet.MaxTags - 1), "VIP"];
}
