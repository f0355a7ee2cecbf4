using System.Globalization;
using System.Text;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Quickenshtein;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>A value that is no option of a field.</summary>
/// <param name="Value">The text of the cells.</param>
/// <param name="Count">The number of cells that have it.</param>
/// <param name="Closest">The option that is written almost like it; null if there is none.</param>
public sealed record UnknownValue(string Value, long Count, string? Closest);

/// <summary>The values of a column that are no options of its field. A value map can say what they mean.</summary>
/// <param name="Column">The column.</param>
/// <param name="Field">The field that is suggested for it.</param>
/// <param name="Values">The values, those of most cells first.</param>
/// <param name="Incomplete">There are more of them.</param>
public sealed record UnknownValues(string Column, string Field, IReadOnlyList<UnknownValue> Values, bool Incomplete)
{
    /// <summary>The most values of a column that are told.</summary>
    public const int Max = 100;

    /// <summary>Whether a type has fields with options, so that values have to be counted.</summary>
    public static bool Concern(RecordType type) => type.Fields.Any(field => field.Kind == FieldKind.Choice);

    /// <summary>The columns with such values.</summary>
    /// <param name="type">The record type.</param>
    /// <param name="preview">The file's preview, with counted values.</param>
    /// <param name="columns">One suggestion a column, in their order.</param>
    public static IReadOnlyList<UnknownValues> Of(RecordType type, FilePreview preview, IReadOnlyList<SuggestedColumn> columns)
    {
        List<UnknownValues> found = [];
        foreach (var (column, values) in columns.Zip(preview.Values))
        {
            if (column.Field is null || type.FindMappable(column.Field) is not { Kind: FieldKind.Choice } field) continue;
            var unknown = values.Counts.Where(pair => !IsKnown(field, pair.Key))
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToList();
            if (unknown.Count == 0) continue;
            found.Add(new UnknownValues(
                column.Header, field.Key,
                [.. unknown.Take(Max).Select(pair => new UnknownValue(pair.Key, pair.Value, ClosestTo(pair.Key, field.Options)))],
                values.IsIncomplete || unknown.Count > Max));
        }

        return found;
    }

    private static bool IsKnown(Field field, string value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return OddCellReport.Markers.Contains(Encoding.UTF8.GetBytes(value))
            || CellReader.TryRead(field, Encoding.UTF8.GetBytes(value), scratch, out _, out _, new CellFormat { IsFile = true });
    }

    // A third of the letters may be others: "Gld" is Gold, and "Silver" is not Gold.
    private static string? ClosestTo(string value, IReadOnlyList<string> options)
    {
        var text = Folded(value);
        var (option, distance) = options.Select(option => (option, Distance: Levenshtein.GetDistance(text, Folded(option))))
            .MinBy(pair => pair.Distance);
        return option is not null && 3 * distance <= Math.Max(text.Length, option.Length) ? option : null;
    }

    private static string Folded(string text)
    {
        var letters = text.Normalize(NormalizationForm.FormD).Where(letter =>
            char.IsLetterOrDigit(letter) && CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark);
        return string.Concat(letters).ToLowerInvariant();
    }
}
