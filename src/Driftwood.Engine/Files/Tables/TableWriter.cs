using System.Buffers;
using System.Text;

namespace Driftwood.Engine.Files.Tables;

/// <summary>Writes a table as RFC 4180 in UTF-8, one record for each row. A row without values is a blank line.</summary>
/// <param name="output">The stream; it stays open.</param>
/// <param name="maxBytes">A larger table is refused.</param>
internal sealed class TableWriter(Stream output, long maxBytes)
{
    private const int BufferBytes = 1 << 16;

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * BufferBytes);
    private long _rows;
    private long _bytes;

    /// <summary>Cells up to the last one of the widest row.</summary>
    public int Width { get; private set; }

    /// <summary>Whether enough was written to call <see cref="FlushAsync"/>.</summary>
    public bool IsFull => _buffer.WrittenCount >= BufferBytes;

    /// <summary>Writes a row. Rows that are left out are blank.</summary>
    /// <param name="number">The row's number, from 1. It grows.</param>
    /// <param name="cells">The cells; null where there is none.</param>
    /// <exception cref="UnreadableFileException">The table is too large.</exception>
    public void Write(long number, ReadOnlySpan<string?> cells)
    {
        while (!cells.IsEmpty && string.IsNullOrEmpty(cells[^1])) cells = cells[..^1];
        if (cells.IsEmpty) return;
        for (; _rows < number - 1; _rows++) _buffer.Write("\n"u8);
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) _buffer.Write(","u8);
            WriteCell(cells[i]);
        }

        _buffer.Write("\n"u8);
        _rows = number;
        Width = Math.Max(Width, cells.Length);
        if (_bytes + _buffer.WrittenCount <= maxBytes) return;
        throw new UnreadableFileException("too_large", $"The table of the file would have more than {maxBytes} bytes as CSV.");
    }

    /// <summary>Hands on what was written.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _bytes += _buffer.WrittenCount;
        _buffer.ResetWrittenCount();
    }

    private void WriteCell(string? cell)
    {
        if (string.IsNullOrEmpty(cell)) return;
        if (!cell.AsSpan().ContainsAny(Quoted))
        {
            Encoding.UTF8.GetBytes(cell, _buffer);
            return;
        }

        _buffer.Write("\""u8);
        Encoding.UTF8.GetBytes(cell.Replace("\"", "\"\"", StringComparison.Ordinal), _buffer);
        _buffer.Write("\""u8);
    }
}
