using System.Text.Json;
using Driftwood.Engine.Records;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>A random bulk job over random records.</summary>
internal sealed class BulkCase
{
    private readonly Random _random;
    private readonly CellPicker _cells;

    public BulkCase(int seed, Guid[] companies, Guid[] sources, Guid foreign)
    {
        _random = new Random(seed);
        _cells = new CellPicker(_random, companies, sources, foreign);
        Type = RecordTypes.BuiltIn[_random.Next(4) switch { 0 => 1, 1 => 2, _ => 0 }];
        Existing = RandomRecords.Make(_random, _cells, Type, _random.Next(20), Type == RecordTypes.Companies ? companies : Type == RecordTypes.Sources ? sources : []);
        Pointing = Type == RecordTypes.Contacts ? [] : RandomRecords.Make(_random, _cells, RecordTypes.Contacts, _random.Next(8), []);
        // Those that point to nothing of this type would break their foreign key.
        foreach (var contact in Pointing) contact[Type == RecordTypes.Companies ? "source_id" : "company_id"] = null;
        Bulk = MakeBulk();
        Guid[] others = [foreign, Guid.CreateVersion7()];
        Targets = [.. Existing.Select(r => r.Id!.Value).Where(_ => _random.Next(4) > 0), .. others.Where(_ => _random.Next(2) == 0)];
        if (Targets.Length == 0) Targets = others;
        _random.Shuffle(Targets);
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

    public Guid[] Targets { get; }

    public int Lanes { get; }

    public int ChunkRows { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    public override string ToString() => $"{Bulk.Operation} {Type.Key} {Parameters()} targets {Targets.Length} lanes {Lanes} chunk {ChunkRows} interrupted {IsInterrupted}";

    public string Parameters()
    {
        Dictionary<string, object?> members = [];
        if (Bulk.Operation == "update")
        {
            Dictionary<string, object?> fields = Bulk.Fields.ToDictionary(f => f.Key, f => (object?)f.Value);
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

    private PlainBulk MakeBulk() => _random.Next(5) switch
    {
        0 => new("delete", new Dictionary<string, string?>(), null, null, null),
        < 3 => MakeUpdate(),
        _ when _random.Next(4) == 0 => new("tag", new Dictionary<string, string?>(), Tags(), null, null),
        _ => new("tag", new Dictionary<string, string?>(), null, Tags(), Tags()),
    };

    private PlainBulk MakeUpdate()
    {
        var clearsNames = Type.AnyOf.Count > 0 && _random.Next(3) == 0;
        Dictionary<string, string?> fields = [];
        foreach (var field in Type.Columns)
        {
            if (clearsNames && Type.AnyOf.Contains(field.Key) && _random.Next(6) > 0) fields[field.Key] = null;
            else if (_random.Next(field.Unique ? 8 : 5) == 0) fields[field.Key] = field.Required || _random.Next(4) > 0 ? _cells.Stored(field) : null;
        }

        // One that is another account's, or nobody's.
        if (Type.Find("company_id") is not null && _random.Next(6) == 0) fields["company_id"] = Guid.CreateVersion7().ToString();
        var tags = fields.Count == 0 || _random.Next(4) == 0 ? Tags() : null;
        return new PlainBulk("update", fields, tags, null, null);
    }

    // With at least one tag, since an operation without any is refused.
    private string[] Tags() => [.. _cells.StoredTags().Names.Take(TagSet.MaxTags - 1), "VIP"];
}
