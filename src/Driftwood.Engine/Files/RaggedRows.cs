namespace Driftwood.Engine.Files;

/// <summary>How a record that has fewer cells than the file has columns is treated.</summary>
public enum RaggedRows
{
    /// <summary>It fails with <c>wrong_column_count</c>.</summary>
    Fail,

    /// <summary>
    /// Its missing cells are blank. A record of one cell still fails where the file has several columns, because it is a title or a footer.
    /// </summary>
    Pad,
}
