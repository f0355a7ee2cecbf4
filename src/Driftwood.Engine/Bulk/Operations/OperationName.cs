namespace Driftwood.Engine.Bulk.Operations;

/// <summary>The operations of bulk jobs, as requests name them.</summary>
public enum OperationName
{
    /// <summary>On targets: deletes each record.</summary>
    Delete,

    /// <summary>On targets: sets the same values in each record. On items: each changes the record that it names.</summary>
    Update,

    /// <summary>On targets: changes the tags of each record.</summary>
    Tag,

    /// <summary>On items: each creates a record.</summary>
    Create,

    /// <summary>On items: each changes the record that it matches, or creates one.</summary>
    Upsert,
}
