using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>Phone numbers, compared by their digits, a leading + and the extension.</summary>
internal sealed class PhoneType() : FieldType(FieldKind.Phone)
{
    private static readonly Fault Refused = new(
        "invalid_phone", "Not a phone number; expected 3 to 20 digits with an optional leading +, separators and extension.");

    public override int MaxLength => 64;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Phone;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return Addresses.IsPhone(value) ? null : Refused;
    }
}
