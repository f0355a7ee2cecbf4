using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Engine.Files;

/// <summary>
/// Finds bytes behind compressed data and data that is cut off, which GZipStream ignores. A file that ends with the checksum and the
/// length of what was decompressed is one piece of compressed data. Only other files, such as several pieces in a row, are decompressed
/// once more.
/// </summary>
internal sealed class GzipEnd
{
    private const int TrailerBytes = 8;

    private readonly Crc32 _checksum = new();
    private long _length;

    /// <summary>Counts decompressed bytes.</summary>
    public void Add(ReadOnlySpan<byte> decompressed)
    {
        _checksum.Append(decompressed);
        _length += decompressed.Length;
    }

    /// <summary>Refuses a file with bytes behind its compressed data, once all of it was decompressed.</summary>
    /// <param name="compressed">The compressed file, of which GZipStream has taken all that it wants.</param>
    /// <param name="file">Opens the file again.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="UnreadableFileException">Bytes that are not zero follow the compressed data, or it is cut off.</exception>
    public async Task CheckAsync(MeasuredStream compressed, OpenFile file, CancellationToken cancellationToken)
    {
        var lastBlock = compressed.LastBlock;
        await compressed.CopyToAsync(Stream.Null, cancellationToken);
        if (IsTrailer(compressed.Last)) return;
        await using var stored = await file(cancellationToken);
        var again = new MeasuredStream(stored) { SingleBytesFrom = lastBlock };
        var lastPiece = new LastPiece(_length, compressed.Last);
        await using (var gzip = new GZipStream(again, CompressionMode.Decompress, leaveOpen: true))
        {
            // CopyToAsync would take the whole file.
            var buffer = new byte[1 << 16];
            while (await gzip.ReadAsync(buffer, cancellationToken) is var read and > 0) lastPiece.Add(buffer.AsSpan(0, read));
        }

        // GZipStream asks for more until a byte does not belong to it. It takes the beginning of a further piece for a whole one.
        if (again.HasEnded)
        {
            if (lastPiece.IsWhole) return;
            throw new UnreadableFileException(
                "broken_compression", "The compressed data is cut off, or bytes that are not compressed follow it.");
        }

        // Whoever fills up blocks writes zeros.
        var offset = again.Length - 1;
        if (again.Last[^1] == 0 && await IsZeroAsync(again, cancellationToken)) return;
        throw new UnreadableFileException("broken_compression", FormattableString.Invariant(
            $"Bytes that are not compressed follow the compressed data, from byte {offset} of the file."));
    }

    private static async Task<bool> IsZeroAsync(Stream rest, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 14];
        while (await rest.ReadAsync(buffer, cancellationToken) is var read and > 0)
        {
            if (buffer.AsSpan(0, read).ContainsAnyExcept((byte)0)) return false;
        }

        return true;
    }

    private bool IsTrailer(ReadOnlySpan<byte> last) => last.Length == TrailerBytes
        && BinaryPrimitives.ReadUInt32LittleEndian(last) == _checksum.GetCurrentHashAsUInt32()
        && BinaryPrimitives.ReadUInt32LittleEndian(last[4..]) == unchecked((uint)_length);

    /// <summary>
    /// Compares the last piece of compressed data with the checksum and the length at its end. The length has 32 bits, so that the piece
    /// may be longer by a multiple of 4 GiB.
    /// </summary>
    private sealed class LastPiece
    {
        private readonly List<(long Start, Crc32 Checksum)> _candidates = [];
        private readonly uint _expected;
        private long _position;

        public LastPiece(long decompressed, ReadOnlySpan<byte> trailer)
        {
            if (trailer.Length < TrailerBytes) return;
            _expected = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
            var start = decompressed - BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
            for (; start >= 0; start -= 1L << 32) _candidates.Add((start, new Crc32()));
        }

        public bool IsWhole => _candidates.Exists(candidate => candidate.Checksum.GetCurrentHashAsUInt32() == _expected);

        public void Add(ReadOnlySpan<byte> decompressed)
        {
            foreach (var (start, checksum) in _candidates)
            {
                checksum.Append(decompressed[(int)Math.Clamp(start - _position, 0, decompressed.Length)..]);
            }

            _position += decompressed.Length;
        }
    }

    /// <summary>Remembers the end of what was read from a stream.</summary>
    internal sealed class MeasuredStream(Stream stream) : ReadOnlyStream
    {
        private readonly byte[] _last = new byte[TrailerBytes];
        private long _read;

        /// <summary>Where the last block that was read begins.</summary>
        public long LastBlock { get; private set; }

        /// <summary>From this offset on, bytes are given one by one, so that no reader takes more than it uses.</summary>
        public long SingleBytesFrom { get; init; } = long.MaxValue;

        /// <summary>The reader was told that there is no more.</summary>
        public bool HasEnded { get; private set; }

        /// <summary>The number of bytes that were read.</summary>
        public override long Length => _read;

        /// <summary>The last eight bytes that were read, or fewer.</summary>
        public ReadOnlySpan<byte> Last => _last.AsSpan(0, (int)Math.Min(_read, TrailerBytes));

        public override int Read(Span<byte> buffer) => Count(buffer, stream.Read(Allowed(buffer)));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await stream.ReadAsync(buffer[..Allowed(buffer.Span).Length], cancellationToken);
            return Count(buffer.Span, read);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) stream.Dispose();
            base.Dispose(disposing);
        }

        private Span<byte> Allowed(Span<byte> buffer) =>
            buffer[..(int)Math.Min(buffer.Length, _read >= SingleBytesFrom ? 1 : SingleBytesFrom - _read)];

        private int Count(ReadOnlySpan<byte> buffer, int read)
        {
            if (read == 0)
            {
                HasEnded = true;
                return 0;
            }

            LastBlock = _read;
            _read += read;
            var last = buffer[Math.Max(0, read - TrailerBytes)..read];
            if (last.Length < TrailerBytes) _last.AsSpan(last.Length).CopyTo(_last);
            last.CopyTo(_last.AsSpan(TrailerBytes - last.Length));
            return read;
        }
    }
}
