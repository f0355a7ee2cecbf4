using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>What the preview says of cells that are not what they seem.</summary>
/// <param name="NullValues">The cells that seem to stand for no value, each once.</param>
/// <param name="Warnings">One for each column and oddity.</param>
public sealed record OddCellReport(IReadOnlyList<string> NullValues, IReadOnlyList<FileWarning> Warnings)
{
    /// <summary>The cells that the preview looks for.</summary>
    public static NullMarkers Markers { get; } = NullMarkers.Of(ColumnNames.NullMarkers)!;

    /// <summary>Reports on a preview that was read with <see cref="Markers"/>.</summary>
    /// <param name="type">The record type.</param>
    /// <param name="preview">The file's preview.</param>
    /// <param name="columns">One suggestion a column, in their order.</param>
    public static OddCellReport Of(RecordType type, FilePreview preview, IReadOnlyList<SuggestedColumn> columns)
    {
        SortedSet<int> markers = [];
        List<FileWarning> warnings = [];
        foreach (var (column, forms) in columns.Zip(preview.Forms))
        {
            var field = column.Field is null ? null : type.Find(column.Field);
            foreach (var (oddity, cells) in forms.Odd)
            {
                if (oddity.Marker >= 0) markers.Add(oddity.Marker);
                if (Message(type, field, column.Header, oddity, cells) is { } message)
                {
                    warnings.Add(new FileWarning(CodeOf(oddity), cells.FirstLine, cells.Count, message, column.Header));
                }
            }
        }

        return new OddCellReport([.. markers.Select(marker => ColumnNames.NullMarkers[marker])], warnings);
    }

    private static string CodeOf(CellOddity oddity) =>
        oddity == CellOddity.SeveralPhones ? CellOddity.SeveralValues.Code : oddity.Code;

    private static string? Message(RecordType type, Field? field, string header, CellOddity oddity, OddCells cells)
    {
        var found = FormattableString.Invariant($"{cells.Count} cells of {header}, the first in line {cells.FirstLine},");
        if (oddity.Marker >= 0)
        {
            var marker = ColumnNames.NullMarkers[oddity.Marker];
            return $"{found} are {marker}, which seems to stand for no value; confirm with null_values to import them as blank.";
        }

        var isDate = field?.Kind is FieldKind.Date or FieldKind.DateTime;
        if (oddity == CellOddity.DateWithoutYear)
        {
            return isDate ? $"{found} have a day and a month without a year; {field!.Label} is left blank there." : null;
        }

        if (oddity == CellOddity.TwoDigitYear)
        {
            return isDate ? $"{found} have a year of two digits; confirm with two_digit_years to say the century." : null;
        }

        if (oddity == CellOddity.ShortenedNumber)
        {
            return field is not null && (type.MatchFields.Contains(field.Key) || field.Unique)
                ? $"{found} are numbers that a spreadsheet has shortened; format the column as text and export it again."
                : null;
        }

        if (oddity == CellOddity.SeveralPhones)
        {
            return field?.Kind == FieldKind.Phone ? $"{found} have several phone numbers; the first of each is taken." : null;
        }

        return field is { Type.IsList: false, MaxLength: <= 10_000, IsCustom: false }
            ? $"{found} have several values; the first of each is taken."
            : null;
    }
}
