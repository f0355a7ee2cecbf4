namespace Driftwood.Engine.Changes;

/// <summary>What a statement did to records.</summary>
public enum ChangeEffect
{
    /// <summary>The records are new.</summary>
    Created = LogEffect.Created,

    /// <summary>The records changed. The log has each changed column, before and after.</summary>
    Updated = LogEffect.Updated,

    /// <summary>The records are gone. The log has all that they held.</summary>
    Deleted = LogEffect.Deleted,
}

/// <summary>What a row of the change log tells of its records: a <see cref="ChangeEffect"/>, or what an import found out.</summary>
internal enum LogEffect
{
    Created,
    Updated,
    Deleted,

    /// <summary>Rows of an import matched the records, and were told to leave them as they are.</summary>
    Skipped,

    /// <summary>The records have the values already that a row or an operation gives them. Nothing was written.</summary>
    Unchanged,

    /// <summary>Rows of an import are linked with the records. The details say what became of these.</summary>
    Linked,

    /// <summary>Rows of a dry run would create records. The ids are those of no record.</summary>
    WouldCreate,

    /// <summary>Rows of a dry run would change the records, or records that rows before them would create.</summary>
    WouldUpdate,
}
