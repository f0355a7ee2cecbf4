using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads one value, from a cell of a file or from a request: trims it, checks it against its field, and returns the stored form.
/// Works on UTF-8 and allocates nothing for an accepted value.
/// </summary>
internal static class CellReader
{
    /// <summary>Bytes that <see cref="TryRead"/> may need for a value whose stored form differs from the given one.</summary>
    public const int ScratchBytes = 64;

    /// <summary>The longest texts of which the first of several values is taken.</summary>
    private const int MaxFirst = 1_000;

    /// <summary>
    /// Returns false if the value is refused, with the reason in <paramref name="fault"/>. Where the value is accepted,
    /// <paramref name="fault"/> is null or a warning, which only cells of files have. <paramref name="stored"/> is the stored
    /// form, empty for a blank value; it may point into <paramref name="value"/> or <paramref name="scratch"/>.
    /// <paramref name="format"/> is the format of a file; requests have the default.
    /// </summary>
    public static bool TryRead(
        Field field,
        ReadOnlySpan<byte> value,
        Span<byte> scratch,
        out ReadOnlySpan<byte> stored,
        out Fault? fault,
        scoped in CellFormat format = default)
    {
        stored = default;
        var isAscii = Ascii.IsValid(value);
        if (value.Contains((byte)0) || !(isAscii || Utf8.IsValid(value)))
        {
            fault = CellFaults.Characters;
            return false;
        }

        value = CellText.Bare(value, field.Type.IsDate, format);
        if (!isAscii) value = Nfc.Of(value);
        fault = null;
        if (value.IsEmpty) return true;
        if (format.TakesFirst && TakesText(field) && IndexOfRest(value) is > 0 and var rest)
        {
            return TryReadFirst(field, value, rest, scratch, out stored, out fault, format);
        }

        if (TryReadText(field, value, scratch, out stored, out fault, format)) return true;
        return format.IsFile && IndexOfRest(value) is > 0 and var next
            && TryReadFirst(field, value, next, scratch, out stored, out fault, format);
    }

    // Longer texts, such as notes, and those of custom fields have room for all values.
    private static bool TakesText(Field field) => field is { Kind: FieldKind.Text, IsCustom: false, MaxLength: <= MaxFirst };

    private static int IndexOfRest(ReadOnlySpan<byte> value) => value.IndexOf(CellText.Several);

    private static bool TryReadFirst(
        Field field,
        ReadOnlySpan<byte> value,
        int rest,
        Span<byte> scratch,
        out ReadOnlySpan<byte> stored,
        out Fault? fault,
        scoped in CellFormat format)
    {
        if (!TryReadText(field, Blank.Trim(value[..rest]), scratch, out stored, out fault, format)) return false;
        fault ??= CellFaults.MultipleValues(Blank.Trim(value[(rest + CellText.Several.Length)..]));
        return true;
    }

    private static bool TryReadText(
        Field field,
        ReadOnlySpan<byte> value,
        Span<byte> scratch,
        out ReadOnlySpan<byte> stored,
        out Fault? fault,
        scoped in CellFormat format)
    {
        if (field.MaxLength > 0 && value.Length > field.MaxLength && CountScalars(value) is var length && length > field.MaxLength
            && !(format.IsFile && field.Kind == FieldKind.Phone && SeveralPhones.IndexOfRest(value, out _) > 0))
        {
            stored = default;
            fault = CellFaults.TooLong(length, field.MaxLength);
            return false;
        }

        fault = field.Type.Read(value, field.Options, format, scratch, out stored);
        if (fault is null) return true;
        return CellFaults.IsWarning(fault);
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
