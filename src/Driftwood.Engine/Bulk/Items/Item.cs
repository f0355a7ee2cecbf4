using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Bulk.Items;

/// <summary>One of a job's items as it was read, and its outcome.</summary>
/// <param name="index">Its place in the caller's list, from 0.</param>
/// <param name="values">The values it sets.</param>
internal sealed class Item(long index, RecordValues values)
{
    public long Index => index;

    public RecordValues Values => values;

    /// <summary>The id of the record that it is about, where it names one.</summary>
    public Guid? Id { get; init; }

    /// <summary>The match key of its record, where it names no id.</summary>
    public string? Key { get; init; }

    /// <summary>The first required value that a new record would lack.</summary>
    public Fault? Lack { get; init; }

    /// <summary>The first required field that it would blank in an existing record.</summary>
    public Fault? Blanked { get; init; }

    /// <summary>The id of a record made of it.</summary>
    public Guid NewId { get; } = Guid.CreateVersion7();

    /// <summary>The name of a record made of it, where Driftwood gives the names.</summary>
    public string? NumberedName { get; set; }

    /// <summary>Its place among those staged.</summary>
    public int Seq { get; set; }

    /// <summary>Items of one wave leave each other alone; waves are applied in order.</summary>
    public int Wave { get; set; }

    /// <summary>The record that it changed, created, or could not change.</summary>
    public Guid? RecordId { get; set; }

    /// <summary>It created the record.</summary>
    public bool IsCreated { get; set; }

    /// <summary>Why it was not applied; null where it was.</summary>
    public Fault? Fault { get; set; }
}
