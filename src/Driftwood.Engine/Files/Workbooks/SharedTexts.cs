using System.Buffers.Binary;
using System.Text;

namespace Driftwood.Engine.Files.Workbooks;

/// <summary>The texts of a workbook that cells name by number. They are in temporary files, because there may be millions.</summary>
internal sealed class SharedTexts : IDisposable
{
    private const int Max = 8_000_000;
    private const long MaxBytes = 2L << 30;

    private readonly SpilledBytes _texts = new();
    private readonly SpilledBytes _ends = new();
    private byte[] _buffer = new byte[256];
    private int _count;

    /// <param name="part">The part; null if the workbook has none.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static SharedTexts Read(PartReader? part, CancellationToken cancellationToken)
    {
        var texts = new SharedTexts();
        try
        {
            while (part is not null && part.Read())
            {
                if (part is { IsElement: true, Name: "si" }) texts.Add(StoredValue.Unescape(part.ReadText("t", except: "rPh")));
                if (texts._count % 1_000 == 0) cancellationToken.ThrowIfCancellationRequested();
            }

            texts._texts.Flush();
            texts._ends.Flush();
            return texts;
        }
        catch
        {
            texts.Dispose();
            throw;
        }
    }

    public string this[int number]
    {
        get
        {
            if (number < 0 || number >= _count) throw WorkbookFault.Broken("a cell names a text that is not there.");
            Span<byte> places = stackalloc byte[16];
            if (number == 0) _ends.Read(0, places[8..]);
            else _ends.Read((number - 1) * 8L, places);
            var from = number == 0 ? 0 : BinaryPrimitives.ReadInt64LittleEndian(places);
            var length = (int)(BinaryPrimitives.ReadInt64LittleEndian(places[8..]) - from);
            if (_buffer.Length < length) _buffer = new byte[length];
            _texts.Read(from, _buffer.AsSpan(0, length));
            return Encoding.UTF8.GetString(_buffer, 0, length);
        }
    }

    public void Dispose()
    {
        _texts.Dispose();
        _ends.Dispose();
    }

    private void Add(string text)
    {
        _texts.Append(Encoding.UTF8.GetBytes(text));
        Span<byte> end = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(end, _texts.Length);
        _ends.Append(end);
        if (++_count > Max || _texts.Length > MaxBytes)
            throw WorkbookFault.TooLarge($"The workbook has more than {Max} different texts, or very large ones.");
    }
}
