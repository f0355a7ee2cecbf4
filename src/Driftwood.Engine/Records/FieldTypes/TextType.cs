using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>Any text.</summary>
internal sealed class TextType() : FieldType(FieldKind.Text)
{
    public override int MaxLength => 10_000;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = value;
        return null;
    }
}
