using System.Buffers;

namespace Driftwood.Engine.Files.Csv;

/// <summary>What <see cref="RecordSplitter.Split"/> found.</summary>
internal enum SplitResult
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>The text ends before the record does.</summary>
    Incomplete,

    /// <summary>A quote is not closed. Only the record's first line is known.</summary>
    Unclosed,
}

/// <summary>
/// Splits a record into cells where CsvHelper cannot: blanks before an opening quote, quotes left unescaped inside a quoted cell, and
/// backslash escapes. Records that obey RFC 4180 are split as CsvHelper splits them. The work is proportional to the bytes of the record
/// or, where a quote is not closed, to the bytes up to the place where that shows.
/// </summary>
internal sealed class RecordSplitter
{
    private const byte Backslash = (byte)'\\';

    private readonly byte _delimiter;
    private readonly byte _quote;
    private readonly bool _escapes;
    private readonly SearchValues<byte> _plainEnds;
    private readonly SearchValues<byte> _quotedEnds;

    private Cell[] _cells = new Cell[32];
    private byte[] _decoded = [];

    /// <param name="format">The delimiter, the quote and the escape.</param>
    public RecordSplitter(CsvFormat format)
    {
        _delimiter = (byte)format.Delimiter;
        _quote = (byte)format.Quote;
        _escapes = format.Escape == CsvFormat.Backslash;
        byte[] plain = [_delimiter, (byte)'\r', (byte)'\n', _quote];
        byte[] quoted = [_quote];
        _plainEnds = SearchValues.Create(_escapes ? [.. plain, Backslash] : plain);
        _quotedEnds = SearchValues.Create(_escapes ? [.. quoted, Backslash] : quoted);
    }

    private enum CellEnd
    {
        Known,
        Incomplete,
        Broken,
    }

    /// <summary>The number of cells.</summary>
    public int CellCount { get; private set; }

    /// <summary>Bytes of the record, without its line break.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of the record with its line break.</summary>
    public int Next { get; private set; }

    /// <summary>Bytes that were looked at, at least <see cref="Length"/>.</summary>
    public int Scanned { get; private set; }

    /// <summary>What is unusual about the record.</summary>
    public RowNotes Notes { get; private set; }

    /// <summary>
    /// The record has a quote that neither encloses a cell nor is escaped. Such a record is accepted only if it has as many cells as the
    /// file has columns.
    /// </summary>
    public bool HasStrayQuotes { get; private set; }

    /// <summary>Splits the record at the beginning of a text.</summary>
    /// <param name="text">The text. It is not empty unless it is the end.</param>
    /// <param name="isEnd">No more text follows.</param>
    public SplitResult Split(ReadOnlySpan<byte> text, bool isEnd)
    {
        Start();
        var end = SplitStrictly(text, isEnd);
        if (end == CellEnd.Known) return SplitResult.Record;
        return end == CellEnd.Incomplete && !isEnd ? SplitResult.Incomplete : SplitLine(text, isEnd);
    }

    /// <summary>Splits the first line of a text where the record that begins there is known to be broken.</summary>
    /// <returns><see cref="SplitResult.Incomplete"/> if the line does not end in the text.</returns>
    public SplitResult SplitLine(ReadOnlySpan<byte> text, bool isEnd)
    {
        var scanned = Scanned;
        Start();
        Scanned = scanned;
        var length = text.IndexOfAny((byte)'\r', (byte)'\n');
        if (length < 0 && !isEnd) return SplitResult.Incomplete;
        if (length < 0) (Length, Next) = (text.Length, text.Length);
        else if (!EndLine(text, length, isEnd)) return SplitResult.Incomplete;
        Scanned = Math.Max(Scanned, Length);
        return SplitLeniently(text[..Length]) ? SplitResult.Record : SplitResult.Unclosed;
    }

    /// <summary>The value of a cell, valid until the next call. Cells beyond the record are empty.</summary>
    /// <param name="text">The text that was split.</param>
    /// <param name="index">The number of the cell, from 0.</param>
    public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> text, int index)
    {
        if ((uint)index >= (uint)CellCount) return default;
        var cell = _cells[index];
        var raw = text.Slice(cell.Start, cell.Length);
        return cell.IsEncoded ? Decode(raw, cell.IsQuoted) : raw;
    }

    /// <summary>Whether a cell stands in quotes.</summary>
    public bool IsQuoted(int index) => index < CellCount && _cells[index].IsQuoted;

    private void Start()
    {
        CellCount = 0;
        Notes = RowNotes.None;
        HasStrayQuotes = false;
        Scanned = 0;
    }

    private CellEnd SplitStrictly(ReadOnlySpan<byte> text, bool isEnd)
    {
        var at = 0;
        while (true)
        {
            var end = ReadCell(text, isEnd, ref at);
            Scanned = Math.Max(Scanned, at);
            if (end != CellEnd.Known) return end;
            if (at == text.Length)
            {
                (Length, Next) = (at, at);
                return CellEnd.Known;
            }

            if (text[at] == _delimiter) at++;
            else return EndLine(text, at, isEnd) ? CellEnd.Known : CellEnd.Incomplete;
        }
    }

    private bool EndLine(ReadOnlySpan<byte> text, int at, bool isEnd)
    {
        Length = at;
        Next = at + 1;
        if (text[at] != '\r') return true;
        if (Next == text.Length) return isEnd;
        if (text[Next] == '\n') Next++;
        return true;
    }

    private CellEnd ReadCell(ReadOnlySpan<byte> text, bool isEnd, ref int at)
    {
        var start = SkipBlanks(text, at);
        if (start == text.Length && !isEnd) return CellEnd.Incomplete;
        if (start == text.Length || text[start] != _quote) return ReadPlain(text, isEnd, ref at);
        var blanks = start - at;
        at = start + 1;
        var isEncoded = false;
        while (true)
        {
            var next = text[at..].IndexOfAny(_quotedEnds);
            if (next < 0 || at + next + 1 == text.Length)
            {
                at = next < 0 ? text.Length : at + next;
                if (next < 0 || !isEnd || text[at] != _quote) return CellEnd.Incomplete;
                break;
            }

            at += next;
            if (text[at] == Backslash)
            {
                if (IsEscape(text, at, isEnd)) isEncoded = true;
                at += EscapeLength(text, at);
            }
            else if (text[at + 1] == _quote)
            {
                isEncoded = true;
                at += 2;
            }
            else
            {
                break;
            }
        }

        Add(start + 1, at - start - 1, isQuoted: true, isEncoded);
        at = SkipBlanks(text, at + 1);
        if (blanks > 0) Notes |= RowNotes.BlanksBeforeQuotes;
        if (at == text.Length) return isEnd ? CellEnd.Known : CellEnd.Incomplete;
        return IsCellEnd(text[at]) ? CellEnd.Known : CellEnd.Broken;
    }

    private CellEnd ReadPlain(ReadOnlySpan<byte> text, bool isEnd, ref int at)
    {
        var start = at;
        var isEncoded = false;
        while (true)
        {
            var next = text[at..].IndexOfAny(_plainEnds);
            if (next < 0)
            {
                at = text.Length;
                if (!isEnd) return CellEnd.Incomplete;
                break;
            }

            at += next;
            if (text[at] == _delimiter || text[at] is (byte)'\r' or (byte)'\n') break;
            if (text[at] == _quote)
            {
                HasStrayQuotes = true;
                at++;
                continue;
            }

            if (at + 2 >= text.Length && !isEnd) return CellEnd.Incomplete;
            if (IsEscape(text, at, isEnd)) isEncoded = true;
            at += EscapeLength(text, at);
        }

        Add(start, at - start, isQuoted: false, isEncoded);
        return CellEnd.Known;
    }

    // A line whose quotes are broken. A quote closes its cell only before a delimiter or at the end of the line.
    private bool SplitLeniently(ReadOnlySpan<byte> line)
    {
        var at = 0;
        while (true)
        {
            var start = SkipBlanks(line, at);
            if (start == line.Length || line[start] != _quote)
            {
                _ = ReadPlain(line, isEnd: true, ref at);
            }
            else if (FindClosing(line, start) is var closing and > 0)
            {
                if (start > at) Notes |= RowNotes.BlanksBeforeQuotes;
                Add(start + 1, closing - start - 1, isQuoted: true, isEncoded: true);
                at = SkipBlanks(line, closing + 1);
            }
            else
            {
                var end = at;
                _ = ReadPlain(line, isEnd: true, ref end);
                if (Quotes(line[at..end]) % 2 != 0) return false;
                at = end;
                Notes |= RowNotes.StrayQuotes;
            }

            if (at == line.Length) return true;
            at++;
        }
    }

    // Two quotes are an escaped one, unless there is no other quote that can close the cell: "24"" is the text 24".
    private int FindClosing(ReadOnlySpan<byte> line, int start)
    {
        var ofPair = -1;
        for (var at = start + 1; at < line.Length; at++)
        {
            if (_escapes && line[at] == Backslash) at++;
            else if (line[at] != _quote) continue;
            else if (at + 1 < line.Length && line[at + 1] == _quote)
            {
                at++;
                if (ofPair < 0 && ClosesAt(line, at)) ofPair = at;
            }
            else if (ClosesAt(line, at))
            {
                return at;
            }
            else
            {
                HasStrayQuotes = true;
                Notes |= RowNotes.StrayQuotes;
            }
        }

        if (ofPair > 0)
        {
            HasStrayQuotes = true;
            Notes |= RowNotes.StrayQuotes;
        }

        return ofPair;
    }

    private int Quotes(ReadOnlySpan<byte> cell)
    {
        var count = 0;
        for (var at = 0; at < cell.Length; at++)
        {
            if (_escapes && cell[at] == Backslash) at++;
            else if (cell[at] == _quote) count++;
        }

        return count;
    }

    private bool ClosesAt(ReadOnlySpan<byte> line, int quote)
    {
        var after = SkipBlanks(line, quote + 1);
        return after == line.Length || line[after] == _delimiter;
    }

    private int SkipBlanks(ReadOnlySpan<byte> text, int at)
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' && text[at] != _delimiter) at++;
        return at;
    }

    private bool IsCellEnd(byte b) => b == _delimiter || b is (byte)'\r' or (byte)'\n';

    // Notes what the escapes of a record are. Other letters after a backslash, as in \N and C:\temp, are text.
    private bool IsEscape(ReadOnlySpan<byte> text, int at, bool isEnd)
    {
        if (at + 1 >= text.Length) return !isEnd;
        if (!IsEscaped(text[at + 1])) return false;
        Notes |= RowNotes.Escapes;
        return true;
    }

    private bool IsEscaped(byte b) => b is Backslash or (byte)'\r' or (byte)'\n' || b == _quote || b == _delimiter;

    private static int EscapeLength(ReadOnlySpan<byte> text, int at)
    {
        if (at + 1 >= text.Length) return 1;
        return text[at + 1] == '\r' && at + 2 < text.Length && text[at + 2] == '\n' ? 3 : 2;
    }

    private void Add(int start, int length, bool isQuoted, bool isEncoded)
    {
        if (CellCount == _cells.Length) Array.Resize(ref _cells, _cells.Length * 2);
        if (isQuoted && _quote == CsvFormat.SingleQuote) Notes |= RowNotes.SingleQuotes;
        _cells[CellCount++] = new Cell(start, length, isQuoted, isEncoded);
    }

    private ReadOnlySpan<byte> Decode(ReadOnlySpan<byte> raw, bool isQuoted)
    {
        if (_decoded.Length < raw.Length) _decoded = new byte[Math.Max(raw.Length, 256)];
        var length = 0;
        for (var at = 0; at < raw.Length; at++)
        {
            var hasNext = at + 1 < raw.Length;
            if (_escapes && raw[at] == Backslash && hasNext && IsEscaped(raw[at + 1])) at++;
            else if (isQuoted && raw[at] == _quote && hasNext && raw[at + 1] == _quote) at++;
            _decoded[length++] = raw[at];
        }

        return _decoded.AsSpan(0, length);
    }

    private readonly record struct Cell(int Start, int Length, bool IsQuoted, bool IsEncoded);
}
