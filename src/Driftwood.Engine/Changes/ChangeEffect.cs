namespace Driftwood.Engine.Changes;

/// <summary>What a statement did to the records of a row of the change log.</summary>
public enum ChangeEffect
{
    /// <summary>The records are new.</summary>
    Created,

    /// <summary>The records changed. The log has each changed column, before and after.</summary>
    Updated,

    /// <summary>The records are gone. The log has all that they held.</summary>
    Deleted,

    /// <summary>Rows of an import matched the records, and left them as they are.</summary>
    Skipped,

    /// <summary>Rows of a dry run would create records. The ids are those of no record.</summary>
    WouldCreate,

    /// <summary>Rows of a dry run would change the records.</summary>
    WouldUpdate,

    /// <summary>Rows of a dry run would change records that rows before them would create.</summary>
    WouldUpdateNew,
}
