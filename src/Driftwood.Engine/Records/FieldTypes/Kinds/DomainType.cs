using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Host names; compared without scheme, <c>www.</c> and path.</summary>
internal sealed class DomainType() : FieldType(FieldKind.Domain)
{
    public override bool CanBeCustom => false;

    internal override object? Example(IReadOnlyList<string> options) => "example.com";

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => $"{number:x8}.example.com";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return Addresses.IsUrl(value) ? null : CellFaults.Refused("invalid_url", value, "is not a domain", "one such as example.com");
    }
}
