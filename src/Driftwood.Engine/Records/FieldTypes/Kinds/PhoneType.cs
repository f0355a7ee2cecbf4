using System.Globalization;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Phone numbers, compared by their digits, a leading + and the extension.</summary>
internal sealed class PhoneType() : FieldType(FieldKind.Phone)
{
    public override int MaxLength => 64;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Phone;

    // A spreadsheet would take a leading + for a formula or drop it.
    internal override object? Example(IReadOnlyList<string> options) => "0044 20 7946 0123";

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) =>
        string.Create(CultureInfo.InvariantCulture, $"0044 20 {10_000_000 + (number % 90_000_000)}");

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = PhoneText.IsPlain(value) || (Addresses.IsPhone(value) && !PhoneText.IsFraction(value)) ? value : PhoneText.Repair(value);
        Fault? warning = null;
        if (format.IsFile && SeveralPhones.IndexOfRest(stored, out var end) is > 0 and var rest)
        {
            warning = CellFaults.MultipleValues(Blank.Trim(stored[rest..]));
            stored = PhoneText.Repair(stored[..end]);
        }

        if (!Addresses.IsPhone(stored)) return Refused(value);
        if (format.PhoneCountry is { } country && !PhoneText.HasCountry(stored)
            && PhoneCountries.ToInternational(stored, country, scratch) is > 0 and var length)
        {
            stored = scratch[..length];
        }

        return warning;
    }

    internal override bool IsKept(ReadOnlySpan<byte> value, CellFormat format) =>
        format.PhoneCountry is null && PhoneText.IsPlain(value) && !(format.IsFile && SeveralPhones.IndexOfRest(value, out _) > 0);

    private static Fault Refused(ReadOnlySpan<byte> value) => Numbers.IsShortened(value)
        ? CellFaults.Refused(
            "invalid_phone", value, "a spreadsheet has shortened", "all digits: format the column as text and export it again")
        : CellFaults.Refused(
            "invalid_phone", value, "is not a phone number", "3 to 20 digits with an optional leading +, separators and extension");
}
