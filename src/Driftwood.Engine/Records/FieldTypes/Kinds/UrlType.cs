using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Web addresses, kept as they are written.</summary>
internal sealed class UrlType() : FieldType(FieldKind.Url)
{
    public override int MaxLength => 2_048;

    internal override object? Example(IReadOnlyList<string> options) => "https://www.example.com";

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => $"https://www.example.com/{number:x8}";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return Addresses.IsUrl(value) ? null : Refused(value);
    }

    private static Fault Refused(ReadOnlySpan<byte> value) => CellFaults.Refused(
        "invalid_url", value, "is not a web address", "one such as https://www.example.com or www.example.com");
}
