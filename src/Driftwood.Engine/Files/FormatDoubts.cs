namespace Driftwood.Engine.Files;

/// <summary>
/// Collects over all rows of a file what speaks against its detected format. A format is detected from the beginning of a file, and some
/// habits of programs only show later.
/// </summary>
internal abstract class FormatDoubts
{
    /// <summary>Looks at the reader's current record.</summary>
    public abstract void Add(RowReader rows);

    /// <summary>The format that suits the rows better, or null if the present one does.</summary>
    public abstract FileFormat? Better();
}
