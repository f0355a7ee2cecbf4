using System.Globalization;
using CsvHelper;
using Driftwood.Engine.Files;

namespace Driftwood.Engine.Imports.Templates;

/// <summary>
/// Writes a template as CSV: RFC 4180 in UTF-8 with a byte order mark, so that Excel reads it as such. A cell that begins like a formula
/// gets an apostrophe in front (<see cref="FormulaGuard"/>).
/// </summary>
public static class TemplateCsv
{
    /// <summary>Writes the header and the example row.</summary>
    /// <param name="output">The stream; it stays open.</param>
    /// <param name="columns">The columns, at least one.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static async Task WriteAsync(Stream output, IReadOnlyList<TemplateColumn> columns, CancellationToken cancellationToken)
    {
        await using var csv = CsvWriter.Create(output, new CsvWriterOptions { WriteByteOrderMark = true }, leaveOpen: true);
        foreach (var column in columns) FormulaGuard.Write(csv, column.Header);
        await csv.EndRecordAsync(cancellationToken);
        foreach (var column in columns) FormulaGuard.Write(csv, Text(column.Example));
        await csv.EndRecordAsync(cancellationToken);
    }

    /// <summary>An example's cell, as it is read in every setting of dates.</summary>
    internal static string Text(object? example) => example switch
    {
        null => "",
        string text => text,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(example), example, null),
    };
}
