using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads one value, from a cell of a file or from a request alike: trims it, checks it against its field, and returns
/// the form in which it is stored. Works on UTF-8 and allocates nothing for a value that is accepted.
/// </summary>
internal static class CellReader
{
    /// <summary>Room that <see cref="TryRead"/> may need for a value whose stored form differs from the written one.</summary>
    public const int ScratchBytes = 64;

    /// <summary>
    /// The stored form of a value; empty when the value is blank. <paramref name="fault"/> is null unless the result is
    /// false. The result may point into <paramref name="value"/> or <paramref name="scratch"/>. <paramref name="format"/>
    /// is a file's; requests have the default.
    /// </summary>
    public static bool TryRead(
        Field field,
        ReadOnlySpan<byte> value,
        Span<byte> scratch,
        out ReadOnlySpan<byte> stored,
        out Fault? fault,
        CellFormat format = default)
    {
        stored = default;
        if (value.Contains((byte)0) || !Utf8.IsValid(value))
        {
            fault = CellFaults.Characters;
            return false;
        }

        value = Blank.Trim(value);
        fault = null;
        if (value.IsEmpty) return true;
        if (field.MaxLength > 0 && value.Length > field.MaxLength && CountScalars(value) > field.MaxLength)
        {
            fault = CellFaults.TooLong(field.MaxLength);
            return false;
        }

        fault = field.Type.Read(value, field.Options, format, scratch, out stored);
        return fault is null;
    }

    private static int CountScalars(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            if ((b & 0xC0) != 0x80) count++;
        }

        return count;
    }
}
