namespace Driftwood.Engine.Files.Csv;

/// <summary>Where the table of a file begins, and whether its first record names the columns.</summary>
/// <param name="Skipped">Records above the table.</param>
/// <param name="HasHeader">The first record names the columns.</param>
/// <param name="IsDoubtful">The first record holds a value, although it seems to be the header.</param>
internal sealed record TableStart(int Skipped, bool HasHeader, bool IsDoubtful)
{
    /// <summary>Titles and notes are a few records.</summary>
    private const int MaxAbove = 40;

    private const int MaxBelow = 100;
    private const int FewestOfTable = 3;

    /// <summary>Share of a column's values that must have one shape.</summary>
    private const double Most = 0.6;

    /// <summary>Finds the table in the first records of a file.</summary>
    public static TableStart Find(IReadOnlyList<SampleRecord> records, KnownNames? names)
    {
        var start = FindRecord(records, names);
        return start == records.Count ? new TableStart(0, true, false) : Judge(start, records[start], Below(records, start), names);
    }

    private static int FindRecord(IReadOnlyList<SampleRecord> records, KnownNames? names)
    {
        var first = 0;
        while (first < records.Count && records[first].IsBlank) first++;
        if (first == records.Count) return first;
        if (IsHeader(records, first, names)) return BelowGap(records, first, names) ?? first;
        for (var at = first + 1; at < Math.Min(records.Count, first + MaxAbove); at++)
        {
            if (records[at].Width > 1 && IsAllAbove(records, first, at) && HasRowsBelow(records, at) && IsHeader(records, at, names))
            {
                return at;
            }
        }

        return AfterTitle(records, first);
    }

    private static bool HasRowsBelow(IReadOnlyList<SampleRecord> records, int at) => records.Skip(at + 1).Any(record => !record.IsBlank);

    // A gap below the record, and names of fields below the gap and not above it: a title with commas.
    private static int? BelowGap(IReadOnlyList<SampleRecord> records, int first, KnownNames? names)
    {
        var next = first + 1;
        while (next < records.Count && records[next].IsBlank) next++;
        return next > first + 1 && next < records.Count && records[next].Width > 1 && HasRowsBelow(records, next)
            && IsNamed(records[next], names) && !IsNamed(records[first], names) ? next : null;
    }

    // All names are foreign and all values are text, but a line of one cell and a gap stand above a table of three columns or more.
    private static int AfterTitle(IReadOnlyList<SampleRecord> records, int first)
    {
        if (records[first].Width > 1) return first;
        var gap = first;
        while (gap < records.Count && records[gap].Width == 1) gap++;
        if (gap == records.Count || !records[gap].IsBlank) return first;
        while (gap < records.Count && records[gap].IsBlank) gap++;
        return gap < records.Count && records[gap].Width >= 3 && Fits(records[gap], Below(records, gap)) ? gap : first;
    }

    // Titles and notes are narrower than the table, or a gap stands between. Several records of one width are a table themselves.
    private static bool IsAllAbove(IReadOnlyList<SampleRecord> records, int first, int at)
    {
        var widths = Enumerable.Range(first, at - first).Select(i => records[i].Width).Where(width => width > 1);
        var hasGap = records[at - 1].IsBlank && widths.GroupBy(width => width).All(group => group.Count() < FewestOfTable);
        for (var i = first; i < at; i++)
        {
            if (records[i].Width > 1 && records[i].Width * 2 > records[at].Width && !hasGap) return false;
        }

        return true;
    }

    private static bool IsHeader(IReadOnlyList<SampleRecord> records, int at, KnownNames? names)
    {
        var (record, below) = (records[at], Below(records, at));
        if (record.Cells.Select(CellShapes.Of).Any(IsValue) || !Fits(record, below)) return false;
        return below.Count == 0 || Contrasts(record, below) || IsNamed(record, names);
    }

    // A header is about as wide as the records below it.
    private static bool Fits(SampleRecord record, List<SampleRecord> below)
    {
        if (below.Count == 0) return true;
        var typical = below.Select(other => other.Width).Order().ElementAt(below.Count / 2);
        return record.Width == 1 ? typical == 1 : record.Width * 2 > typical;
    }

    private static List<SampleRecord> Below(IReadOnlyList<SampleRecord> records, int at) =>
        [.. records.Skip(at + 1).Where(record => !record.IsBlank).Take(MaxBelow)];

    private static TableStart Judge(int at, SampleRecord record, List<SampleRecord> below, KnownNames? names)
    {
        var shapes = Array.ConvertAll(record.Cells, CellShapes.Of);
        if (!shapes.Any(shape => IsValue(shape) || shape == CellShape.Number)) return new TableStart(at, true, false);
        if (Contrasts(record, below) || IsNamed(record, names)) return new TableStart(at, true, shapes.Any(IsValue));
        var isData = shapes.Index().Any(cell => cell.Item switch
        {
            CellShape.Email or CellShape.Url => true,
            CellShape.Date or CellShape.Phone => below.Count == 0 || ShapeBelow(below, cell.Index) == cell.Item,
            CellShape.Number => ShapeBelow(below, cell.Index) == CellShape.Number && !IsNumberedName(record.Cells, cell.Index),
            _ => false,
        });
        return new TableStart(at, !isData, !isData);
    }

    // 2023 and 2024 name columns, and so do 1, 2 and 3.
    private static bool IsNumberedName(string[] cells, int index) =>
        int.TryParse(cells[index], out var number)
        && (number is >= 1900 and < 2100
            || (index > 0 && int.TryParse(cells[index - 1], out var before) && number == before + 1)
            || (index + 1 < cells.Length && int.TryParse(cells[index + 1], out var after) && number == after - 1));

    // A column has text above values of another shape.
    private static bool Contrasts(SampleRecord record, List<SampleRecord> below) => record.Cells.Index().Any(cell =>
        CellShapes.Of(cell.Item) == CellShape.Text && ShapeBelow(below, cell.Index) is not (CellShape.Text or CellShape.Blank));

    // Text unless most values have another shape; blank if there are none.
    private static CellShape ShapeBelow(List<SampleRecord> below, int index)
    {
        var shapes = below.Select(record => index < record.Cells.Length ? CellShapes.Of(record.Cells[index]) : CellShape.Blank)
            .Where(shape => shape != CellShape.Blank).ToList();
        if (shapes.Count == 0) return CellShape.Blank;
        var most = shapes.GroupBy(shape => shape).MaxBy(group => group.Count())!;
        return most.Count() >= shapes.Count * Most ? most.Key : CellShape.Text;
    }

    private static bool IsValue(CellShape shape) => shape is CellShape.Email or CellShape.Url or CellShape.Date or CellShape.Phone;

    private static bool IsNamed(SampleRecord record, KnownNames? names) => names is not null
        && names([.. record.Cells.Where(cell => cell.Length > 0).Distinct(StringComparer.Ordinal)]) >= Math.Min(2, record.Width);
}
