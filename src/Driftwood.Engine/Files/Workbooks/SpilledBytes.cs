using Microsoft.Win32.SafeHandles;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>Bytes in a temporary file, written once and then read at any place. A bounded part of them is in memory.</summary>
internal sealed class SpilledBytes : IDisposable
{
    private const int BlockBytes = 4096;
    private const int Blocks = 2048;

    private readonly SafeFileHandle _file = File.OpenHandle(
        Path.Combine(Path.GetTempPath(), $"driftwood-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
        FileOptions.DeleteOnClose);

    private readonly byte[] _pending = new byte[1 << 16];
    private readonly byte[]?[] _blocks = new byte[Blocks][];
    private readonly long[] _blockNumbers = new long[Blocks];
    private int _pendingLength;
    private long _written;

    public long Length => _written + _pendingLength;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_pendingLength == _pending.Length) Flush();
            var count = Math.Min(bytes.Length, _pending.Length - _pendingLength);
            bytes[..count].CopyTo(_pending.AsSpan(_pendingLength));
            _pendingLength += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Ends the writing.</summary>
    public void Flush()
    {
        RandomAccess.Write(_file, _pending.AsSpan(0, _pendingLength), _written);
        _written += _pendingLength;
        _pendingLength = 0;
    }

    public void Read(long offset, Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            var block = Block(offset / BlockBytes);
            var from = (int)(offset % BlockBytes);
            var count = Math.Min(target.Length, BlockBytes - from);
            block.AsSpan(from, count).CopyTo(target);
            target = target[count..];
            offset += count;
        }
    }

    public void Dispose() => _file.Dispose();

    private byte[] Block(long number)
    {
        var place = (int)(number % Blocks);
        if (_blocks[place] is { } kept && _blockNumbers[place] == number) return kept;
        var block = _blocks[place] ??= new byte[BlockBytes];
        RandomAccess.Read(_file, block, number * BlockBytes);
        _blockNumbers[place] = number;
        return block;
    }
}
