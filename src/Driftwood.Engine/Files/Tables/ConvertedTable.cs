namespace Driftwood.Engine.Files.Tables;

/// <summary>A sheet of a workbook.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Hidden">It is hidden. It is read only if it is named.</param>
public sealed record Sheet(string Name, bool Hidden);

/// <summary>Where delimited text comes from that Driftwood made of another kind of file. Its cells are certain.</summary>
/// <param name="Sheet">The sheet's name.</param>
/// <param name="Width">Cells up to the last one of the widest row.</param>
public sealed record TableOrigin(string Sheet, int Width);

/// <summary>What was read of a file while a table was made of it.</summary>
public sealed record ConvertedTable
{
    /// <summary>The sheet that was read, and how wide it is; null if the file is no workbook.</summary>
    public TableOrigin? Origin { get; init; }

    /// <summary>All sheets in their order; none if the file is no workbook.</summary>
    public IReadOnlyList<Sheet> Sheets { get; init; } = [];

    /// <summary>How the table is read; null if that is detected, as for the table of a sheet.</summary>
    public FileFormat? Format { get; init; }

    internal IReadOnlyList<DetectionNote> Notes { get; init; } = [];
}
