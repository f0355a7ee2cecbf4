using Driftwood.Engine.Imports.Templates;
using Driftwood.Engine.Records.FieldTypes;
using SpreadCheetah;
using SpreadCheetah.Styling;
using SpreadCheetah.Validations;
using SpreadCheetah.Worksheets;

namespace Driftwood.Api.Features.Imports.Templates;

/// <summary>
/// Writes a template as a workbook. A spreadsheet leaves text as it is typed and shows fields with options as drop-downs. The options stand
/// in a hidden second sheet: a list inside the sheet can have neither commas nor more than 255 characters.
/// </summary>
internal static class TemplateWorkbook
{
    public const string ContentType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private const string OptionSheet = "Options";
    private const int LastRow = 1_048_576;
    private const int MinWidth = 12;
    private const int MaxWidth = 40;

    private const string Text = "@";
    private const string Number = "General";
    private const string Day = "yyyy-mm-dd";
    private const string Time = "yyyy-mm-dd hh:mm:ss";

    private static readonly string[] BooleanOptions = ["yes", "no"];

    private static readonly Dictionary<string, Style> Formats = new()
    {
        [Text] = new Style { Format = NumberFormat.Standard(StandardNumberFormat.Text) },
        [Number] = new Style { Format = NumberFormat.Standard(StandardNumberFormat.General) },
        [Day] = new Style { Format = NumberFormat.Custom(Day) },
        [Time] = new Style { Format = NumberFormat.Custom(Time) },
    };

    /// <param name="output">The stream; it stays open.</param>
    /// <param name="columns">The columns, at least one.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static async Task WriteAsync(Stream output, IReadOnlyList<TemplateColumn> columns, CancellationToken cancellationToken)
    {
        await using var workbook = await Spreadsheet.CreateNewAsync(output, cancellationToken: cancellationToken);
        var bold = workbook.AddStyle(new Style { Font = { Bold = true } });
        var styles = Formats.ToDictionary(format => format.Key, format => workbook.AddStyle(format.Value));
        var sheet = new WorksheetOptions { FrozenRows = 1 };
        foreach (var (index, column) in columns.Index())
        {
            sheet.Column(index + 1).DefaultStyle = Formats[FormatOf(column)];
            sheet.Column(index + 1).Width = Math.Clamp(column.Header.Length + 2, MinWidth, MaxWidth);
        }

        await workbook.StartWorksheetAsync("Template", sheet, cancellationToken);
        await workbook.AddRowAsync([.. columns.Select(column => new StyledCell(column.Header, bold))], cancellationToken);
        await workbook.AddRowAsync(
            [.. columns.Select(column => new StyledCell(CellOf(column.Example), styles[FormatOf(column)]))], cancellationToken);
        await AddOptionsAsync(workbook, columns, cancellationToken);
        await workbook.FinishAsync(cancellationToken);
    }

    private static string FormatOf(TemplateColumn column) => column.Example switch
    {
        DateOnly => Day,
        DateTime => Time,
        long or decimal => Number,
        _ => Text,
    };

    private static DataCell CellOf(object? example) => example switch
    {
        null => new DataCell((string?)null),
        string text => new DataCell(text),
        long number => new DataCell(number),
        decimal number => new DataCell(number),
        DateOnly day => new DataCell(day.ToDateTime(TimeOnly.MinValue)),
        DateTime time => new DataCell(time),
        _ => throw new ArgumentOutOfRangeException(nameof(example), example, null),
    };

    private static async Task AddOptionsAsync(
        Spreadsheet workbook, IReadOnlyList<TemplateColumn> columns, CancellationToken cancellationToken)
    {
        List<IReadOnlyList<string>> lists = [];
        foreach (var (index, column) in columns.Index())
        {
            IReadOnlyList<string> options = column.Field.Kind == FieldKind.Boolean ? BooleanOptions : column.Field.Options;
            if (options.Count == 0) continue;
            lists.Add(options);
            var (target, source) = (LetterOf(index), LetterOf(lists.Count - 1));
            workbook.AddDataValidation(
                FormattableString.Invariant($"{target}2:{target}{LastRow}"),
                DataValidation.ListValuesFromCells(OptionSheet, FormattableString.Invariant($"${source}$1:${source}${options.Count}")));
        }

        if (lists.Count == 0) return;
        var hidden = new WorksheetOptions { Visibility = WorksheetVisibility.Hidden };
        await workbook.StartWorksheetAsync(OptionSheet, hidden, cancellationToken);
        for (var row = 0; row < lists.Max(list => list.Count); row++)
        {
            await workbook.AddRowAsync(
                [.. lists.Select(list => new DataCell(row < list.Count ? list[row] : null))], cancellationToken);
        }
    }

    // A, B, …, Z, AA, AB, …
    private static string LetterOf(int column) =>
        column < 26 ? $"{(char)('A' + column)}" : LetterOf((column / 26) - 1) + (char)('A' + (column % 26));
}
