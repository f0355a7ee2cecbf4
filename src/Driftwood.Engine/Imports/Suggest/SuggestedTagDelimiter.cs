using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>Finds what separates the tags in a file's cells.</summary>
public static class SuggestedTagDelimiter
{
    /// <summary>Programs write it between the values of any field, and nothing else looks like it.</summary>
    private const string Unmistakable = " ::: ";

    /// <summary>
    /// The separator that most cells of the columns suggested for tags contain; null if none does. <c> ::: </c> is found in all columns.
    /// </summary>
    /// <param name="type">The record type.</param>
    /// <param name="preview">The file's preview.</param>
    /// <param name="columns">One suggestion a column, in their order.</param>
    public static string? Of(RecordType type, FilePreview preview, IReadOnlyList<SuggestedColumn> columns)
    {
        if (preview.Separators.Any(column => column.Count(Unmistakable) > 0)) return Unmistakable;
        List<CellSeparators> tags = [.. columns.Zip(preview.Separators)
            .Where(pair => pair.First.Field is { } field && type.Find(field)?.Kind == FieldKind.Tags)
            .Select(pair => pair.Second)];
        var best = CellSeparators.All.MaxBy(separator => tags.Sum(column => column.Count(separator)))!;
        return tags.Sum(column => column.Count(best)) > 0 ? best : null;
    }
}
