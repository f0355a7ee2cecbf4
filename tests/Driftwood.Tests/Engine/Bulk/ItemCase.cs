using System.Text.Json.Nodes;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>A random bulk job with items over random records. Its seed selects the cell.</summary>
internal sealed class ItemCase
{
    private readonly Random _random;
    private readonly CellPicker _cells;
    private readonly Guid[] _others;
    private readonly ItemJson _json;

    public ItemCase(int seed, Guid[] companies, Guid[] sources, Guid foreign)
    {
        _random = new Random(seed);
        _cells = new CellPicker(_random, companies, sources, foreign);
        _others = [foreign, Guid.CreateVersion7()];
        var cell = ItemCell.OfSeed(seed);
        Type = RandomTypes.Make(_random, cell.Family);
        _json = new ItemJson(_random, Type);
        Existing = RandomRecords.Make(
            _random, _cells, Type, _random.Next(12), Type.Key switch { "companies" => companies, "sources" => sources, _ => [] });
        Action = cell.Action;
        MatchOn = Action != ItemAction.Upsert ? null : Type.MatchFields[_random.Next(Type.MatchFields.Count)];
        NamesMatch = MatchOn is not null && (MatchOn != Type.MatchFields[0] || _random.Next(2) == 0);
        Items = [.. Enumerable.Range(0, _random.Next(1, 90)).Select(_ => MakeItem())];
        ChunkRows = _random.Next(3) == 0 ? _random.Next(1, 12) : _random.Next(20, 100);
        IsInterrupted = _random.Next(3) == 0;
        InterruptionSeed = _random.Next();
    }

    public RecordType Type { get; }

    public List<PlainRecord> Existing { get; }

    public ItemAction Action { get; }

    public string? MatchOn { get; }

    /// <summary>Says whether the job names the match field instead of using the default.</summary>
    public bool NamesMatch { get; }

    public PlainItem[] Items { get; }

    public int ChunkRows { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    public string Operation => Action.ToString().ToLowerInvariant();

    public string Parameters => NamesMatch ? $$"""{"match_on": "{{MatchOn}}"}""" : "{}";

    public override string ToString() =>
        $"{Operation} {Type.Key} on {MatchOn} items {Items.Length} chunk {ChunkRows} interrupted {IsInterrupted}";

    public IEnumerable<string> Json => Items.Select(_json.Write);

    private PlainItem MakeItem()
    {
        Dictionary<string, string?> fields = [];
        Dictionary<string, string[]> lists = [];
        var clearsNames = _random.Next(8) == 0;
        foreach (var field in Type.Fields.Where(f => f is { IsTags: false, IsReadOnly: false }))
        {
            var isKey = field.Key == (Action == ItemAction.Update ? "external_id" : MatchOn);
            var clears = _random.Next(field.Required ? 20 : 5) == 0 || (clearsNames && Type.AnyOf.Contains(field.Key) && !isKey);
            if (_random.Next(10) >= (isKey ? 9 : field.Required || clearsNames ? 7 : field.Unique ? 4 : 3)) continue;
            if (field.Kind == FieldKind.Tags) lists[field.Key] = clears ? [] : [.. _cells.StoredTags().Names];
            else fields[field.Key] = clears ? null : field.Kind == FieldKind.Reference
                && _random.Next(8) == 0 ? Guid.CreateVersion7().ToString() : _cells.Stored(field);
        }

        return new PlainItem
        {
            Id = TakesId && _random.Next(3) > 0 ? AnyId() : null,
            Fields = fields,
            Lists = lists,
            Tags = _random.Next(4) == 0 ? [.. _cells.StoredTags().Names] : null,
            Bad = _random.Next(12) == 0 ? MakeBad() : null,
        };
    }

    private bool TakesId => Action == ItemAction.Update || MatchOn == "id";

    private Guid AnyId() =>
        Existing.Count > 0 && _random.Next(8) > 0 ? Existing[_random.Next(Existing.Count)].Id!.Value : _others[_random.Next(2)];

    private (string Name, JsonNode? Value, string Code) MakeBad() => _random.Next(4) switch
    {
        0 => ("no such field", 7, "unknown_member"),
        1 => ("created_at", "2025-06-15", "read_only"),
        2 => ("custom", new JsonArray(), "wrong_type"),
        _ => ("tags", new JsonArray(new string('t', TagSet.MaxTagLength + 1)), "too_long"),
    };
}
