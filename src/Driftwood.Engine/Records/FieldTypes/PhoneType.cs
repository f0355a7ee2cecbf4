using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>Phone numbers, compared by their digits, a leading + and the extension.</summary>
internal sealed class PhoneType() : FieldType(FieldKind.Phone)
{
    private static readonly Fault Refused = new(
        "invalid_phone", "Not a phone number; expected 3 to 20 digits with an optional leading +, separators and extension.");

    private static readonly Fault Shortened = new(
        "invalid_phone", "A number that a spreadsheet has shortened; format the column as text and export it again, with all digits.");

    public override int MaxLength => 64;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Phone;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = PhoneText.IsPlain(value) || (Addresses.IsPhone(value) && !PhoneText.IsFraction(value)) ? value : PhoneText.Repair(value);
        if (!Addresses.IsPhone(stored)) return Numbers.IsShortened(value) ? Shortened : Refused;
        if (format.PhoneCountry is { } country && !PhoneText.HasCountry(stored)
            && PhoneCountries.ToInternational(stored, country, scratch) is > 0 and var length)
        {
            stored = scratch[..length];
        }

        return null;
    }

    internal override bool IsKept(ReadOnlySpan<byte> value, CellFormat format) => format.PhoneCountry is null && PhoneText.IsPlain(value);
}
