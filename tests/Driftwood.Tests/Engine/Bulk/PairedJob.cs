using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>One of two bulk jobs that run at once.</summary>
/// <param name="type">The type of its targets.</param>
internal abstract class PairedJob(RecordType type)
{
    public RecordType Type => type;

    public required int Lanes { get; init; }

    public required int ChunkRows { get; init; }

    /// <summary>Makes the job in the started state.</summary>
    public abstract Task<Guid> AddAsync(EngineRig rig, Tenant tenant);

    /// <summary>Applies the job to the records, one target after the other.</summary>
    /// <param name="world">The records. The method changes them.</param>
    /// <param name="targets">The frozen targets.</param>
    /// <returns>The outcome of each target: null on success, or the code of the failure.</returns>
    public abstract IReadOnlyList<string?> Apply(PairWorld world, IReadOnlyList<TargetResult> targets);

    /// <summary>The name in <see cref="PairWorld"/> of the record that a target is about.</summary>
    public abstract string NameOf(TargetResult target);

    /// <summary>Says whether the job's selection finds this record; null if the job names all its targets.</summary>
    public virtual bool? Finds(PlainRecord record) => null;
}

/// <summary>An operation on records that the job lists or finds.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="bulk">The instruction.</param>
/// <param name="parameters">The same as JSON.</param>
/// <param name="ids">The targets; null if the job selects them.</param>
/// <param name="selecting">Selects the records that have <paramref name="tag"/>, or selects by external IDs.</param>
/// <param name="tag">The selected tag, or null.</param>
internal sealed class ListedJob(RecordType type, PlainBulk bulk, string parameters, Guid[]? ids, BulkSelecting? selecting, string? tag)
    : PairedJob(type)
{
    public override Task<Guid> AddAsync(EngineRig rig, Tenant tenant) => ids is not null
        ? rig.AddBulkAsync(tenant, Type, bulk.Operation, parameters, ids, Lanes)
        : rig.AddSelectingBulkAsync(tenant, Type, bulk.Operation, parameters, selecting!, Lanes);

    public override IReadOnlyList<string?> Apply(PairWorld world, IReadOnlyList<TargetResult> targets)
    {
        var oracle = new BulkOneByOne(Type, bulk, world[Type], world.PointingTo(Type), world.Referable);
        return [.. targets.Select(target => oracle.Apply(target.EntityId ?? Guid.Empty))];
    }

    public override string NameOf(TargetResult target) =>
        target.EntityId is { } id ? PairWorld.Name(Type, id) : PairWorld.NewName(Type, target.ExternalId!);

    public override bool? Finds(PlainRecord record) => selecting switch
    {
        null => null,
        { ExternalIds: { } named } => record["external_id"] is { } id && named.Contains(id),
        _ => record.Tags.Keys.Contains(tag!),
    };

    public override string ToString() =>
        $"{bulk.Operation} {Type.Key} {parameters} by "
        + $"{(ids is null ? $"{selecting!.Filter}{selecting.Query}{string.Join('|', selecting.ExternalIds ?? [])}" : $"{ids.Length} ids")} "
        + $"lanes {Lanes} chunk {ChunkRows}";
}

/// <summary>Items, each of which is about its own record.</summary>
/// <param name="type">The type of the records.</param>
/// <param name="action">The action on the items.</param>
/// <param name="items">The items, each with the name of its record.</param>
/// <param name="json">Writes the items.</param>
internal sealed class ItemsJob(RecordType type, ItemAction action, IReadOnlyList<(string Name, PlainItem Item)> items, ItemJson json)
    : PairedJob(type)
{
    private string? MatchOn => action == ItemAction.Upsert ? "external_id" : null;

    private string Operation => action.ToString().ToLowerInvariant();

    public override Task<Guid> AddAsync(EngineRig rig, Tenant tenant) =>
        rig.AddItemsAsync(
            tenant, Type, Operation, MatchOn is null ? "{}" : $$"""{"match_on": "{{MatchOn}}"}""",
            [.. items.Select(item => json.Write(item.Item))]);

    public override IReadOnlyList<string?> Apply(PairWorld world, IReadOnlyList<TargetResult> targets)
    {
        var oracle = new ItemsOneByOne(Type, action, MatchOn, world[Type], world.Referable);
        return [.. items.Select(item => oracle.Apply(item.Item).Code)];
    }

    public override string NameOf(TargetResult target) => items[(int)target.Index].Name;

    public override string ToString() => $"{Operation} {items.Count} items of {Type.Key} chunk {ChunkRows}";
}
