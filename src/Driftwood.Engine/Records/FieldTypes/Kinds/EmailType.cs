using System.Buffers;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>E-mail addresses, compared without case.</summary>
internal sealed class EmailType() : FieldType(FieldKind.Email)
{
    // Signs of a name beside the address, of a link, or of several addresses. Invisible characters are beyond ASCII.
    private static readonly SearchValues<byte> Wrapping = SearchValues.Create(
        [.. " <>()[],;:\"'\t"u8, .. Enumerable.Range(0x80, 0x80).Select(b => (byte)b)]);

    public override string JsonFormat => "email";

    public override int MaxLength => 320;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Email;

    internal override object? Example(IReadOnlyList<string> options) => "jane.smith@example.com";

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => $"jane.smith.{number:x8}@example.com";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        if (Addresses.IsEmail(value)) return null;
        if (!format.IsFile) return Refused(value, "is not an e-mail address");
        stored = EmailText.Address(value);
        if (Addresses.IsEmail(stored)) return null;
        return Refused(value, EmailText.HasSeveral(value) ? "has several e-mail addresses" : "is not an e-mail address");
    }

    internal override bool IsKept(ReadOnlySpan<byte> value, CellFormat format) => !value.ContainsAny(Wrapping);

    private static Fault Refused(ReadOnlySpan<byte> value, string flaw) =>
        CellFaults.Refused("invalid_email", value, flaw, "one such as jane@example.com");
}
