using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>One of the field's options. Case and white space do not matter; the option's own spelling is stored.</summary>
internal sealed class ChoiceType() : FieldType(FieldKind.Choice)
{
    /// <summary>Maximum Unicode scalar values in an option.</summary>
    public const int MaxOptionLength = 255;

    // A field may have hundreds of options.
    private const int MaxNamed = 20;

    public override int MaxLength => MaxOptionLength;

    public override IReadOnlyList<FilterOperator> Operators => IdentityOperators;

    internal override object? Example(IReadOnlyList<string> options) => options is [var first, ..] ? first : null;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        Choices.Of(options).TryFind(value, out stored) ? null : Refused(value, options);

    private static Fault Refused(ReadOnlySpan<byte> value, IReadOnlyList<string> options)
    {
        var more = options.Count > MaxNamed ? $" or one of {options.Count - MaxNamed} more" : "";
        var expected = $"{(options.Count > 1 ? "one of " : "")}{string.Join(", ", options.Take(MaxNamed))}{more}";
        return CellFaults.Refused("invalid_choice", value, "is not an option of the field", expected);
    }
}
