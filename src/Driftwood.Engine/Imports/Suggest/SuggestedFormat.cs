using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>The likely format of a file's dates and numbers.</summary>
/// <param name="Dates">Null if no column has dates, or if the dates do not show the format.</param>
/// <param name="DecimalComma">Null if no column has numbers, or if the numbers do not show it.</param>
/// <param name="Warning">Dates that can be read two ways.</param>
public sealed record SuggestedFormat(DateFormat? Dates, bool? DecimalComma, FileWarning? Warning)
{
    /// <summary>Share of a column's values that must be dates, or numbers, and of the telling ones that must tell the same.</summary>
    private const double Share = 0.95;

    /// <summary>
    /// Decides by the columns whose values look like dates or numbers, over all rows, except columns that are suggested for a field of
    /// another kind, such as a phone. Columns without a suggestion also count, because the mapping is only suggested.
    /// </summary>
    /// <param name="type">The record type.</param>
    /// <param name="preview">The file's preview.</param>
    /// <param name="columns">One suggestion a column, in their order.</param>
    public static SuggestedFormat Of(RecordType type, FilePreview preview, IReadOnlyList<SuggestedColumn> columns)
    {
        List<(string Header, ColumnForms Forms)> dates = [];
        List<ColumnForms> numbers = [];
        foreach (var (column, forms) in columns.Zip(preview.Forms))
        {
            var kind = column.Field is null ? (FieldKind?)null : type.Find(column.Field)!.Kind;
            var (mayBeDate, mayBeNumber) =
                (kind is null or FieldKind.Date or FieldKind.DateTime, kind is null or FieldKind.Decimal or FieldKind.Integer);
            if (mayBeDate && Most(MostDates(forms), forms.Values)) dates.Add((column.Header, forms));
            if (mayBeNumber && Most(forms.Numbers, forms.Values)) numbers.Add(forms);
        }

        var format = DatesOf([.. dates.Select(date => date.Forms)], out var isAmbiguous);
        return new SuggestedFormat(format, CommaOf(numbers), isAmbiguous ? Ambiguous(dates) : null);
    }

    // Only dates that do not fit one of the two orders show the order.
    private static DateFormat? DatesOf(IReadOnlyList<ColumnForms> columns, out bool isAmbiguous)
    {
        isAmbiguous = false;
        var values = columns.Sum(forms => forms.Values);
        long Fit(DateFormat format) => columns.Sum(forms => forms.Dates(format));
        if (values == 0) return null;
        if (Most(Fit(DateFormat.YearMonthDay), values)) return DateFormat.YearMonthDay;
        var either = Fit(DateFormat.YearMonthDay) + columns.Sum(forms => forms.AmbiguousDates);
        var (dayFirst, monthFirst) = (Fit(DateFormat.DayMonthYear), Fit(DateFormat.MonthDayYear));
        var telling = dayFirst + monthFirst - (2 * either);
        if (telling > 0 && Most(dayFirst, values) && Most(dayFirst - either, telling)) return DateFormat.DayMonthYear;
        if (telling > 0 && Most(monthFirst, values) && Most(monthFirst - either, telling)) return DateFormat.MonthDayYear;
        isAmbiguous = columns.Any(forms => forms.AmbiguousDates > 0);
        return null;
    }

    private static bool? CommaOf(IReadOnlyList<ColumnForms> columns)
    {
        var (withComma, withPoint) = (columns.Sum(forms => forms.WithComma), columns.Sum(forms => forms.WithPoint));
        if (withComma + withPoint == 0) return null;
        if (Most(withComma, withComma + withPoint)) return true;
        return Most(withPoint, withComma + withPoint) ? false : null;
    }

    private static FileWarning Ambiguous(IReadOnlyList<(string Header, ColumnForms Forms)> columns)
    {
        var (header, forms) = columns.First(column => column.Forms.AmbiguousDates > 0);
        return new FileWarning(
            "ambiguous_dates",
            forms.FirstAmbiguousLine,
            columns.Sum(column => column.Forms.AmbiguousDates),
            $"The dates of {header} can be read as dd-mm-yyyy and as mm-dd-yyyy; say which as date_format when the import is confirmed.",
            header);
    }

    private static long MostDates(ColumnForms forms) => Enum.GetValues<DateFormat>().Max(forms.Dates);

    private static bool Most(long count, long of) => count > 0 && count >= of * Share;
}
