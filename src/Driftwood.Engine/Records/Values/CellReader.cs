using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldKinds;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Records.Values;

/// <summary>
/// Reads one value, from a cell of a file or from a request alike: trims it, checks it against its field, and gives
/// it in the one form in which it is stored. Works on UTF-8 and allocates nothing on the good path.
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
        Field field, ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored, out Fault? fault, CellFormat format = default)
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

        fault = field.Kind == FieldKind.Choice ? ReadChoice(field, value, out stored) : Read(field.Kind, value, format, scratch, out stored);
        return fault is null;
    }

    private static Fault? Read(FieldKind kind, ReadOnlySpan<byte> value, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        switch (kind)
        {
            case FieldKind.Text: return null;
            case FieldKind.Email: return Addresses.IsEmail(value) ? null : CellFaults.Email;
            case FieldKind.Phone: return Addresses.IsPhone(value) ? null : CellFaults.Phone;
            case FieldKind.Url: return Addresses.IsUrl(value) ? null : CellFaults.Url;
            case FieldKind.Domain: return Addresses.IsUrl(value) ? null : CellFaults.Domain;
            case FieldKind.Integer: return Numbers.TryInteger(value, format.DecimalComma, scratch, out stored) ? null : CellFaults.Integer;
            case FieldKind.Decimal: return Numbers.TryDecimal(value, format.DecimalComma, scratch, out stored) ? null : CellFaults.Decimal(format.DecimalComma);
            case FieldKind.Boolean: return TryBoolean(value, out stored) ? null : CellFaults.Boolean;
            case FieldKind.Date: return Dates.TryDate(value, format.Dates, scratch, out stored) ? null : CellFaults.Date(format.Dates);
            case FieldKind.DateTime: return Dates.TryDateTime(value, format.Dates, scratch, out stored) ? null : CellFaults.DateTime(format.Dates);
            case FieldKind.Reference or FieldKind.Id: return TryId(value, scratch, out stored) ? null : CellFaults.Reference;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a kind that one cell holds.");
        }
    }

    private static Fault? ReadChoice(Field field, ReadOnlySpan<byte> value, out ReadOnlySpan<byte> stored) =>
        Choices.Of(field).TryFind(value, out stored) ? null : CellFaults.Choice(field.Options);

    private static int CountScalars(ReadOnlySpan<byte> utf8)
    {
        var count = 0;
        foreach (var b in utf8)
        {
            if ((b & 0xC0) != 0x80) count++;
        }

        return count;
    }

    private static bool TryBoolean(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> stored)
    {
        Span<byte> lower = stackalloc byte[5];
        stored = default;
        if (value.Length > 5 || Ascii.ToLower(value, lower, out var length) != OperationStatus.Done) return false;
        ReadOnlySpan<byte> word = lower[..length];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("yes"u8) || word.SequenceEqual("y"u8) || word.SequenceEqual("t"u8)
            || word.SequenceEqual("1"u8) || word.SequenceEqual("on"u8))
        {
            stored = "true"u8;
        }
        else if (word.SequenceEqual("false"u8) || word.SequenceEqual("no"u8) || word.SequenceEqual("n"u8) || word.SequenceEqual("f"u8)
            || word.SequenceEqual("0"u8) || word.SequenceEqual("off"u8))
        {
            stored = "false"u8;
        }

        return !stored.IsEmpty;
    }

    private static bool TryId(ReadOnlySpan<byte> value, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!Utf8Parser.TryParse(value, out Guid id, out var used) || used != value.Length) return false;
        stored = Utf8Formatter.TryFormat(id, scratch, out var written) ? scratch[..written] : default;
        return true;
    }
}
