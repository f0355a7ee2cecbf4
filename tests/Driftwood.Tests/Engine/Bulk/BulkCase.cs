using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>A random bulk job over random records. Its seed selects the cell.</summary>
internal sealed class BulkCase
{
    public BulkCase(int seed, Guid[] companies, Guid[] sources, Guid foreign)
    {
        var cell = BulkCell.OfSeed(seed);
        var random = new Random(seed);
        var cells = new CellPicker(random, companies, sources, foreign);
        Type = RandomTypes.Make(random, cell.Family);
        Existing = RandomRecords.Make(
            random, cells, Type, random.Next(20), Type.Key switch { "companies" => companies, "sources" => sources, _ => [] });
        Pointing = Type.Key == "contacts" ? [] : RandomRecords.Make(random, cells, RecordTypes.Contacts, random.Next(8), []);
        // Contacts that point to other types would break their foreign key.
        foreach (var field in RecordTypes.Contacts.Fields.Where(f => f.Target is not null && f.Target != Type.Key))
        {
            foreach (var contact in Pointing) contact[field.Key] = null;
        }

        var bulks = new RandomBulk(random, cells, Type);
        Bulk = bulks.Make(cell.Operation);
        Parameters = bulks.Parameters(Bulk);
        Guid[] others = [foreign, Guid.CreateVersion7()];
        Guid[] ids = [.. Existing.Select(r => r.Id!.Value).Where(_ => random.Next(4) > 0), .. others.Where(_ => random.Next(2) == 0)];
        if (ids.Length == 0) ids = others;
        random.Shuffle(ids);
        Targets = BulkCaseTargets.Make(random, Type, Existing, ids, cell.Selection);
        // The order of the targets decides which of them gets a unique value. Only a single lane keeps that order.
        Lanes = Type.Fields.Any(f => f.Unique && Bulk.Fields.ContainsKey(f.Key)) ? 1 : random.Next(1, 5);
        ChunkRows = random.Next(1, 30);
        IsInterrupted = random.Next(3) == 0;
        InterruptionSeed = random.Next();
    }

    public RecordType Type { get; }

    public List<PlainRecord> Existing { get; }

    public List<PlainRecord> Pointing { get; }

    public PlainBulk Bulk { get; }

    public string Parameters { get; }

    public BulkCaseTargets Targets { get; }

    /// <summary>The cell that the case really belongs to.</summary>
    public BulkCell Cell => new(BulkCell.OperationOf(Bulk), BulkCell.SelectionOf(Targets.Selecting), RandomTypes.FamilyOf(Type));

    /// <summary>A unique field cannot be set on several targets. The engine finds this out only after it has frozen the targets.</summary>
    public bool IsRefused =>
        Targets.Selecting is not null && Targets.Ids.Count > 1
        && Type.Fields.Any(f => f.Unique && Bulk.Fields.GetValueOrDefault(f.Key) is not null);

    public int Lanes { get; }

    public int ChunkRows { get; }

    public bool IsInterrupted { get; }

    public int InterruptionSeed { get; }

    public override string ToString() =>
        $"{Bulk.Operation} {Type.Key} {Parameters} targets {Targets.Ids.Count} "
        + $"{Targets.Selecting?.Filter}{Targets.Selecting?.Query}{string.Join('|', Targets.Selecting?.ExternalIds ?? [])} lanes {Lanes} "
        + $"chunk {ChunkRows} interrupted {IsInterrupted}";
}
