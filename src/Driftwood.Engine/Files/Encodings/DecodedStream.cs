using System.Text;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files.Encodings;

/// <summary>
/// Text in another encoding as UTF-8. A place that cannot be decoded becomes NUL, also where the last character is cut off. No field
/// accepts NUL, so nothing is replaced silently. Owns the stream of bytes.
/// </summary>
internal sealed class DecodedStream : ReadOnlyStream
{
    /// <summary>What a decoder writes for a place that it cannot decode. It is no character, so no text contains it.</summary>
    internal const char Mark = '\uFFFF';

    private const int InputBytes = 1 << 15;

    private readonly Stream _bytes;
    private readonly Decoder _decoder;
    private readonly Encoder _encoder = new UTF8Encoding(false).GetEncoder();
    private readonly byte[] _input = new byte[InputBytes];
    private readonly char[] _characters;
    private readonly byte[] _output;
    private int _from;
    private int _to;
    private bool _isEnd;

    public DecodedStream(Stream bytes, string encoding)
    {
        _bytes = bytes;
        var decoding = TextEncodings.Decoder(encoding);
        _decoder = decoding.GetDecoder();
        _characters = new char[decoding.GetMaxCharCount(InputBytes)];
        _output = new byte[_characters.Length * 3];
    }

    /// <summary>The number of places that could not be decoded so far.</summary>
    public long Undecodable { get; private set; }

    /// <summary>Reads to the end of the stream. Returns the number of places that cannot be decoded.</summary>
    public async Task<long> CountUndecodableAsync(CancellationToken cancellationToken)
    {
        do
        {
            _from = _to;
        }
        while (await FillAsync(cancellationToken));
        return Undecodable;
    }

    public override int Read(Span<byte> buffer)
    {
        while (_from == _to && !_isEnd) Decode(_bytes.Read(_input));
        return Take(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_from == _to && !await FillAsync(cancellationToken)) return 0;
        return Take(buffer.Span);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _bytes.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        while (_from == _to && !_isEnd) Decode(await _bytes.ReadAsync(_input, cancellationToken));
        return _from < _to;
    }

    private int Take(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _to - _from);
        _output.AsSpan(_from, count).CopyTo(buffer);
        _from += count;
        return count;
    }

    private void Decode(int read)
    {
        _isEnd = read == 0;
        var characters = _characters.AsSpan(0, _decoder.GetChars(_input.AsSpan(0, read), _characters, flush: _isEnd));
        Undecodable += characters.Count(Mark);
        characters.Replace(Mark, '\0');
        _from = 0;
        _to = _encoder.GetBytes(characters, _output, flush: _isEnd);
    }
}
