using System.IO.Compression;
using System.Text;
using Driftwood.Engine.Files;

namespace Driftwood.Tests.Engine.Files.Preview;

/// <summary>
/// A random table of people and a file of it as some program might write it. The writer is a model of its own: it joins strings, and
/// knows nothing of the reader.
/// </summary>
internal sealed class RandomTable
{
    private static readonly string[] Names = ["Email", "First Name", "City", "Notes", "Phone", "Company"];

    private static readonly string[] NoteParts =
    [
        "word ", "said \"hello\", then left ", "two\nlines ", "a\r\nb ", "5\" pipe ", "C:\\temp\\", "\\N", "x;y|z\tw ", "é ",
    ];

    private readonly Random _random;
    private readonly bool _escapes;
    private readonly bool _blanksBeforeQuotes;
    private readonly bool _trailingDelimiter;
    private readonly bool _shortRows;
    private readonly bool _quotesAll;
    private readonly string _lineEnd;
    private readonly Func<Random, string, int, string>? _cell;

    public RandomTable(int seed)
        : this(seed, Names, null)
    {
    }

    /// <param name="seed">Decides everything else.</param>
    /// <param name="names">The names of the columns. A table has at least the first three.</param>
    /// <param name="cell">Makes the cell of a column in the row with an index; null for people as this class knows them.</param>
    public RandomTable(int seed, string[] names, Func<Random, string, int, string>? cell)
    {
        _random = new Random(seed);
        _cell = cell;
        Delimiter = Pick(',', ';', '\t', '|');
        _escapes = _random.Next(4) == 0;
        _blanksBeforeQuotes = _random.Next(5) == 0;
        _trailingDelimiter = _random.Next(6) == 0;
        _shortRows = _random.Next(3) == 0;
        _quotesAll = _random.Next(4) == 0;
        _lineEnd = Pick("\n", "\r\n", "\r");
        Encoding = Pick("utf-8", "utf-8", "utf-8 with mark", "utf-16le", "utf-16be", "utf-32le", "gb18030", "windows-1252");
        Headers = names[..(_random.Next(3, names.Length + 1))];
        Rows = [.. Enumerable.Range(0, _random.Next(3, 30)).Select(Row)];
        // Doubled backslashes alone tell that they are escaped only inside a cell.
        if (_escapes) Rows[0][1] = Pick("Ida \"I\" Berg", "C:\\Ida");
        if (Encoding == "windows-1252") Rows = [.. Rows.Select(row => Array.ConvertAll(row, Western))];
        Lines = Titles();
        HeaderRow = Lines.Count + 1;
    }

    public char Delimiter { get; }

    public string Encoding { get; }

    public string[] Headers { get; }

    public string[][] Rows { get; }

    /// <summary>The records above the header.</summary>
    public List<string> Lines { get; }

    public int HeaderRow { get; }

    /// <summary>The indexes of the rows that have a cell too many. Empty unless somebody adds some before the file is written.</summary>
    public HashSet<int> Overlong { get; } = [];

    /// <summary>A line of one cell below the table; null if there is none.</summary>
    public string? Footer { get; set; }

    /// <summary>Each line ends with a delimiter.</summary>
    public bool EndsWithDelimiters => _trailingDelimiter;

    /// <summary>Only what the bytes of a file cannot show is said.</summary>
    public FileOverrides Overrides => new(Encoding: Encoding is "gb18030" or "windows-1252" ? Encoding : null);

    public override string ToString() =>
        $"delimiter '{Delimiter}' escapes {_escapes} blanks {_blanksBeforeQuotes} trailing {_trailingDelimiter} short {_shortRows} "
        + $"all quoted {_quotesAll} line end {_lineEnd.Length} {Encoding}";

    public byte[] File()
    {
        List<string> lines = [.. Lines, Line(Headers, isHeader: true)];
        foreach (var (index, row) in Rows.Index())
        {
            if (_random.Next(15) == 0) lines.Add("");
            lines.Add(Overlong.Contains(index) ? Line([.. row, "more"], isHeader: true) : Line(row, isHeader: false));
        }

        if (Footer is not null) lines.Add(Footer);
        var bytes = Encode(string.Join(_lineEnd, lines) + (_random.Next(3) == 0 ? "" : _lineEnd));
        return _random.Next(6) == 0 ? Gzip(bytes) : bytes;
    }

    private string[] Row(int index) =>
    [
        .. Headers.Select(header => _cell is not null ? _cell(_random, header, index) : header switch
        {
            "Email" => $"person{index}@example.com",
            "Phone" => Pick("", $"+47 21 00 00 {_random.Next(10, 99)}"),
            "First Name" => Pick("Ida", "Jürgen", "Łucja", "山田", "Zoë"),
            "City" => Pick("Oslo", "Köln, Süd", "", "Rome; Italy", "a|b"),
            _ => Note(),
        }),
    ];

    private string Note() => Note(_random);

    /// <summary>A text with signs that have to be written in a special way.</summary>
    public static string Note(Random random) => random.Next(3) == 0
        ? ""
        : string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => NoteParts[random.Next(NoteParts.Length)])).Trim();

    private List<string> Titles()
    {
        List<string> lines = [];
        if (_random.Next(8) == 0) lines.Add(Pick($"sep={Delimiter}", $"\"sep={Delimiter}\""));
        if (_random.Next(4) > 0) return lines;
        if (_random.Next(2) == 0) lines.Add("");
        lines.Add(Pick("Contacts", "\"Contacts, all of them; with notes\"", "Contacts" + new string(Delimiter, Headers.Length - 1)));
        if (_random.Next(2) == 0) lines.Add(new string(Delimiter, Headers.Length - 1));
        if (_random.Next(2) == 0) lines.Add("Made by Sam");
        if (_random.Next(2) == 0) lines.Add("");
        return lines;
    }

    private string Line(string[] cells, bool isHeader)
    {
        var count = cells.Length;
        // Blank last cells are left out; a row of one cell would be a footer.
        while (_shortRows && !isHeader && count > 2 && cells[count - 1].Length == 0) count--;
        var line = string.Join(Delimiter, cells[..count].Select((cell, i) => Written(cell, i > 0)));
        return _trailingDelimiter ? line + Delimiter : line;
    }

    private string Written(string cell, bool mayHaveBlank)
    {
        var needsQuotes = cell.AsSpan().IndexOfAny([Delimiter, '"', '\n', '\r']) >= 0;
        if (!needsQuotes && !_quotesAll && _random.Next(8) > 0) return _escapes ? Escape(cell) : cell;
        var quoted = '"' + (_escapes ? Escape(cell) : cell.Replace("\"", "\"\"", StringComparison.Ordinal)) + '"';
        return _blanksBeforeQuotes && mayHaveBlank && Delimiter != '\t' ? " " + quoted : quoted;
    }

    private static string Escape(string cell) => cell
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Western(string cell) => string.Concat(cell.Select(letter => letter < 0x100 ? letter : 'x'));

    private byte[] Encode(string text)
    {
        var encoding = Encoding switch
        {
            "utf-8" => new UTF8Encoding(false),
            "utf-8 with mark" => new UTF8Encoding(true),
            "utf-16le" => System.Text.Encoding.GetEncoding(1200),
            "utf-16be" => System.Text.Encoding.GetEncoding(1201),
            "utf-32le" => System.Text.Encoding.GetEncoding(12000),
            var name => CodePagesEncodingProvider.Instance.GetEncoding(name)!,
        };
        return [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest)) gzip.Write(bytes);
        return output.ToArray();
    }

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];
}
