using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files.Csv;

/// <summary>
/// Text in which each line stands in one pair of double quotes, without these: <c>"a,""b, c"""</c> is <c>a,"b, c"</c>. A spreadsheet
/// writes so what was pasted into one column. Other lines stay as they are, and so do line breaks. Owns the stream of text.
/// </summary>
internal sealed class UnwrappedStream(Stream text) : ReadOnlyStream
{
    private const int InputBytes = 1 << 15;
    private const byte Quote = (byte)'"';

    private readonly byte[] _input = new byte[InputBytes];
    private readonly byte[] _output = new byte[InputBytes + 1]; // a quote that was held back may come first
    private Place _place = Place.LineStart;
    private int _from;
    private int _to;
    private bool _isEnd;

    private enum Place
    {
        LineStart,
        PlainLine,
        WrappedLine,

        /// <summary>Behind a quote in a wrapped line. What follows tells whether it is doubled, the last, or text.</summary>
        WrappedQuote,
    }

    public override int Read(Span<byte> buffer)
    {
        while (_from == _to && !_isEnd) Unwrap(text.Read(_input));
        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_from == _to && !_isEnd) Unwrap(await text.ReadAsync(_input, cancellationToken));
        return Take(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) text.Dispose();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _to - _from);
        _output.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        return count;
    }

    private void Unwrap(int read)
    {
        _isEnd = read == 0;
        (_from, _to) = (0, 0);
        foreach (var b in _input.AsSpan(0, read)) Add(b);
    }

    private void Add(byte b)
    {
        var isBreak = b is (byte)'\r' or (byte)'\n';
        switch (_place)
        {
            case Place.LineStart when b == Quote:
                _place = Place.WrappedLine;
                return;
            case Place.WrappedLine when b == Quote:
                _place = Place.WrappedQuote;
                return;
            case Place.WrappedQuote when b == Quote:
                _place = Place.WrappedLine;
                break;
            case Place.WrappedQuote when !isBreak:
                _place = Place.WrappedLine;
                _output[_to++] = Quote;
                break;
            case Place.WrappedLine:
                break;
            default:
                _place = isBreak ? Place.LineStart : Place.PlainLine;
                break;
        }

        _output[_to++] = b;
    }
}
