using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Any text.</summary>
internal sealed class TextType() : FieldType(FieldKind.Text)
{
    public override int MaxLength => 10_000;

    internal override object? Example(IReadOnlyList<string> options) => "Example text";

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => $"Example {number:x8}";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return null;
    }
}
