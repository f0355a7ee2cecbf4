using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>One item of a job, and its outcome.</summary>
/// <param name="index">The item's place in the caller's list, from 0.</param>
/// <param name="values">The values that the item sets.</param>
internal sealed class Item(long index, RecordValues values)
{
    /// <summary>The member with the caller's own name for the item. It sets no field, and comes back with the item's result.</summary>
    public const string RefName = "ref";

    public long Index => index;

    public RecordValues Values => values;

    /// <summary>The id of the item's record, if the item names one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The match key of the item's record, if the item names no id.</summary>
    public string? Key { get; init; }

    /// <summary>The first required value that a new record would lack.</summary>
    public Fault? Lack { get; init; }

    /// <summary>The first required field that the item would blank in an existing record.</summary>
    public Fault? Blanked { get; init; }

    /// <summary>The id of the record that the item may create.</summary>
    public Guid NewId { get; } = Guid.CreateVersion7();

    /// <summary>The name of the record that the item may create, if Driftwood gives the names.</summary>
    public string? NumberedName { get; set; }

    /// <summary>The item's place among the staged items.</summary>
    public int Seq { get; set; }

    /// <summary>Items of one wave do not affect each other. Waves are applied in order.</summary>
    public int Wave { get; set; }

    /// <summary>The record that the item changed, created or could not change.</summary>
    public Guid? RecordId { get; set; }

    /// <summary>The item created the record.</summary>
    public bool IsCreated { get; set; }

    /// <summary>The reason why the item was not applied; null if it was.</summary>
    public Fault? Fault { get; set; }
}
