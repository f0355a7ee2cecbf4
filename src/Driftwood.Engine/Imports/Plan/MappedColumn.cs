using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>A field that an import fills, and the cell of each row that it takes the value from.</summary>
/// <param name="Index">The place of the cell in a row of the <see cref="RowShape"/>, from 0.</param>
/// <param name="Name">The name of the file's column, or of the first of several; null for a constant.</param>
/// <param name="Field">The field.</param>
/// <param name="Cells">How the cell is written.</param>
internal sealed record MappedColumn(int Index, string? Name, Field Field, CellFormat Cells)
{
    /// <summary>
    /// The place in the order in which a row's faults are reported: the file's columns, then computed fields, then constants.
    /// </summary>
    public required int Place { get; init; }

    /// <summary>Every row has the same value, which does not stand in the file.</summary>
    public bool IsConstant => Name is null;

    /// <summary>The records that get the value.</summary>
    public ColumnPolicy Policy { get; init; }

    /// <summary>The stored form of the value of blank cells; null: they are blank.</summary>
    public byte[]? Default { get; init; }

    /// <summary>The stored form of the value of blank cells where a record is created; null: they are blank.</summary>
    public byte[]? OnCreate { get; init; }

    /// <summary>
    /// For a reference: the field of the record that it points to, whose value the cell has. Null: the cell has the record's id.
    /// </summary>
    public Field? By { get; init; }

    /// <summary>The field as which the cell is read.</summary>
    public Field Read => By ?? Field;

    /// <summary>Values that are no options of the field become options when the import is confirmed.</summary>
    public bool AddsOptions { get; init; }

    /// <summary>Values that are no options of the field are taken as if they were: a dry run adds none.</summary>
    public bool TakesUnknown { get; init; }

    /// <summary>A value that is no option of the field counts as blank, with a warning.</summary>
    public bool BlanksUnknown { get; init; }
}
