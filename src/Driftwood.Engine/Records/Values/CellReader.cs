using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads one value, from a cell of a file or from a request: trims it, checks it against its field, and returns the stored form.
/// Works on UTF-8 and allocates nothing for an accepted value.
/// </summary>
internal static class CellReader
{
    /// <summary>Bytes that <see cref="TryRead"/> may need for a value whose stored form differs from the given one.</summary>
    public const int ScratchBytes = 64;

    /// <summary>
    /// Returns false if the value is refused, with the reason in <paramref name="fault"/>. <paramref name="stored"/> is the stored
    /// form, empty for a blank value; it may point into <paramref name="value"/> or <paramref name="scratch"/>.
    /// <paramref name="format"/> is the format of a file; requests have the default.
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
