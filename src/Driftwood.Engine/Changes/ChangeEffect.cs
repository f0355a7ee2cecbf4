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
}
