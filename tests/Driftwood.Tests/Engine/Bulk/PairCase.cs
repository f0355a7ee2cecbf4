using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>
/// Two random jobs over the same random records. The fate of a record depends on no other record that the jobs change. Otherwise
/// concurrent jobs could end in a way that no order of them does. So in each job a record has one target, and each value of a
/// unique field belongs to one job. The external IDs of new records belong to both jobs. So does a value that two single records
/// contend for.
/// </summary>
internal sealed class PairCase
{
    private const int New = 6;

    // Each record has the first tag. Jobs look for the tags, add them and remove them.
    private static readonly string[] Colours = ["all", "red", "blue"];

    private readonly Random _random;
    private readonly CellPicker _cells;
    private readonly Guid[] _companies = [.. Enumerable.Range(0, 6).Select(_ => Guid.CreateVersion7())];
    private readonly Guid[] _sources = [.. Enumerable.Range(0, 3).Select(_ => Guid.CreateVersion7())];
    private int _distinct = 100;

    public PairCase(int seed)
    {
        _random = new Random(seed);
        _cells = new CellPicker(_random, _companies, _sources, Guid.CreateVersion7());
        // One job has contacts and the other has the records that they point to, or both jobs have the same records.
        var isAcross = _random.Next(3) == 0;
        var type = isAcross ? RandomTypes.Make(_random, "contacts") : RandomTypes.Make(_random);
        World = MakeWorld(type);
        var other = !isAcross ? type : _random.Next(3) == 0 ? RecordTypes.Sources : RecordTypes.Companies;
        (One, Two) = !isAcross
            && _random.Next(8) == 0 ? Contending(type)
            : (MakeJob(type, null), MakeJob(other, isAcross && _random.Next(4) > 0 ? "delete" : null));
        if (_random.Next(2) == 0) (One, Two) = (Two, One);
        IsInterrupted = _random.Next(4) == 0;
        InterruptionSeed = _random.Next();
    }

    public PairWorld World { get; }

    public PairedJob One { get; }

    public PairedJob Two { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    public override string ToString() => $"{One} | {Two} | interrupted {IsInterrupted}";

    private PairWorld MakeWorld(RecordType type)
    {
        List<RecordType> types = [.. RecordTypes.BuiltIn.Select(builtIn => builtIn.Key == type.Key ? type : builtIn)];
        if (type.TypeId is not null) types.Add(type);
        return new PairWorld(
            types, types.ToDictionary(each => each.Key, each => MakeRecords(each, each == type ? _random.Next(8, 40) : 8)));
    }

    private List<PlainRecord> MakeRecords(RecordType type, int count)
    {
        var records = RandomRecords.Make(
            _random, _cells, type, count, type.Key switch { "companies" => _companies, "sources" => _sources, _ => [] });
        foreach (var (n, record) in records.Index())
        {
            record["external_id"] = _random.Next(4) > 0
                || (type.AnyOf.Count > 0 && type.AnyOf.All(key => key == "external_id" || record[key] is null)) ? $"e{n}" : null;
            record.Tags = TagSet.Read(
                [.. Colours.Where(colour => colour == Colours[0] || _random.Next(2) == 0),
                .. record.Tags.Names.Take(TagSet.MaxTags - Colours.Length)], out _);
        }

        return records;
    }

    private PairedJob MakeJob(RecordType type, string? operation)
    {
        if (operation is null && _random.Next(5) < 2) return MakeItems(type, (ItemAction)_random.Next(3));
        var bulks = new RandomBulk(_random, _cells, type) { GivesNoUniqueValues = true };
        var bulk = Coloured(
            bulks.Make(operation ?? _random.Next(8) switch { 0 => "delete", < 4 => "update", 4 => BulkCell.SetTags, _ => "tag" }));
        var records = World[type];
        Guid[] ids = [.. records.Select(record => record.Id!.Value).Where(_ => _random.Next(6) > 0), Guid.CreateVersion7()];
        _random.Shuffle(ids);
        string[] named = [
            .. records.Where(record => ids.Contains(record.Id!.Value)).Select(record => record["external_id"]).OfType<string>(),
            "nobody's"];
        _random.Shuffle(named);
        var colour = Colours[_random.Next(Colours.Length)];
        BulkSelecting? selecting = _random.Next(5) switch
        {
            < 2 => null,
            2 => new(ExternalIds: named),
            3 => new(Filter: $$"""{"field": "tags", "op": "has_tag", "value": "{{colour}}"}"""),
            _ => new(Query: $"tags HAS '{colour}'"),
        };
        return new ListedJob(
            type, bulk, bulks.Parameters(bulk), selecting is null ? ids : null, selecting, colour)
        {
            Lanes = _random.Next(1, 5),
            ChunkRows = _random.Next(1, 7)
        };
    }

    private PlainBulk Coloured(PlainBulk bulk) => bulk with
    {
        Add = bulk.Add is { } add ? [.. Some(Colours), .. add.Take(TagSet.MaxTags - Colours.Length)] : null,
        Remove = bulk.Remove is { } remove ? [.. Some(Colours), .. remove.Take(TagSet.MaxTags - Colours.Length)] : null,
    };

    /// <summary>Each job gives one record the same value, which only one record can have.</summary>
    private (PairedJob One, PairedJob Two) Contending(RecordType type)
    {
        Field[] fields = [.. type.Fields.Where(field => field is { Unique: true, IsReadOnly: false } && field.Kind != FieldKind.Choice)];
        var field = fields[_random.Next(fields.Length)];
        var bulk = new PlainBulk("update") { Fields = new Dictionary<string, string?> { [field.Key] = Fresh(field) } };
        var parameters = new RandomBulk(_random, _cells, type).Parameters(bulk);
        var records = World[type];
        var first = _random.Next(records.Count - 1);
        ListedJob Of(PlainRecord record) => new(type, bulk, parameters, [record.Id!.Value], null, null) { Lanes = 1, ChunkRows = 5 };
        return (Of(records[first]), Of(records[first + 1]));
    }

    private ItemsJob MakeItems(RecordType type, ItemAction action)
    {
        var items = Subjects(type, action).Select(subject => (subject.Name, MakeItem(type, action, subject.Id, subject.ExternalId)))
            .ToList();
        return new ItemsJob(type, action, items, new ItemJson(_random, type)) { Lanes = 1, ChunkRows = _random.Next(1, 25) };
    }

    /// <summary>The subjects of the items, each once: an id or an external ID, and the name of the record that has it at first.</summary>
    private List<(string Name, Guid? Id, string? ExternalId)> Subjects(RecordType type, ItemAction action)
    {
        var news = Enumerable.Range(0, New).Select(n => $"n{n}").Where(_ => _random.Next(3) > 0);
        List<(string Name, Guid? Id, string? ExternalId)> subjects = [
            .. news.Select(id => (PairWorld.NewName(type, id), (Guid?)null, (string?)id))];
        foreach (var record in World[type].Where(_ => _random.Next(4) > 0))
        {
            var externalId = record["external_id"];
            if (action == ItemAction.Update && (externalId is null || _random.Next(2) == 0))
            {
                subjects.Add((PairWorld.Name(type, record.Id!.Value), record.Id, null));
            }
            else if (externalId is not null) subjects.Add(
                (action == ItemAction.Create ? PairWorld.NewName(type, externalId) : PairWorld.Name(type, record.Id!.Value), null,
                externalId));
        }

        var shuffled = subjects.ToArray();
        _random.Shuffle(shuffled);
        return [.. shuffled];
    }

    private PlainItem MakeItem(RecordType type, ItemAction action, Guid? id, string? externalId)
    {
        Dictionary<string, string?> fields = [];
        Dictionary<string, string[]> lists = [];
        foreach (var field in type.Fields.Where(f => f is { IsTags: false, IsReadOnly: false }))
        {
            if (_random.Next(10) >= (field.Required || type.AnyOf.Contains(field.Key) ? 7 : 3)) continue;
            var clears = !field.Required && _random.Next(3) == 0;
            if (field.Kind == FieldKind.Tags) lists[field.Key] = clears ? [] : Some(["one", "two", "three"]);
            else if (clears || field is { Unique: true, Kind: FieldKind.Choice }) fields[field.Key] = null;
            else if (field.Unique) fields[field.Key] = Fresh(field);
            else fields[field.Key] = _cells.Stored(field);
        }

        if (externalId is not null) fields["external_id"] = externalId;
        // New records have no tags, so no other job finds them.
        return new PlainItem
        {
            Id = id,
            Fields = fields,
            Lists = lists,
            Tags = action == ItemAction.Update && _random.Next(3) == 0 ? Some(Colours) : null
        };
    }

    private string Fresh(Field field) => RandomRecords.Distinct(field, _distinct++);

    private string[] Some(string[] all) => [.. all.Where(_ => _random.Next(2) == 0)];
}
