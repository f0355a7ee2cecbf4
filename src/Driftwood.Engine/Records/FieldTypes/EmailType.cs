using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>E-mail addresses, compared without case.</summary>
internal sealed class EmailType() : FieldType(FieldKind.Email)
{
    private static readonly Fault Refused = new("invalid_email", "Not an e-mail address; expected one such as jane@example.com.");

    public override string JsonFormat => "email";

    public override int MaxLength => 320;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Email;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return Addresses.IsEmail(value) ? null : Refused;
    }
}
