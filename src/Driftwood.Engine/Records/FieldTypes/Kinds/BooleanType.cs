using System.Buffers;
using System.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Yes or no, in the words that files have for them.</summary>
internal sealed class BooleanType() : FieldType(FieldKind.Boolean)
{
    private static readonly FilterOperator[] EqualityOperators = [Eq, Ne, IsBlank, IsNotBlank];

    public override string SqlType => "boolean";

    public override string JsonType => "boolean";

    public override string Expected => "true or false";

    public override IReadOnlyList<FilterOperator> Operators => EqualityOperators;

    public override bool CanBeUnique => false;

    internal override LiteralForm Form => LiteralForm.Boolean;

    internal override object? Example(IReadOnlyList<string> options) => "yes";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        Span<byte> lower = stackalloc byte[5];
        stored = default;
        if (value.Length > 5 || Ascii.ToLower(value, lower, out var length) != OperationStatus.Done) return Refused(value);
        ReadOnlySpan<byte> word = lower[..length];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("yes"u8) || word.SequenceEqual("y"u8) || word.SequenceEqual("t"u8)
            || word.SequenceEqual("1"u8) || word.SequenceEqual("on"u8))
        {
            stored = "true"u8;
        }
        else if (word.SequenceEqual("false"u8) || word.SequenceEqual("no"u8) || word.SequenceEqual("n"u8) || word.SequenceEqual("f"u8)
            || word.SequenceEqual("0"u8) || word.SequenceEqual("off"u8))
        {
            stored = "false"u8;
        }

        return stored.IsEmpty ? Refused(value) : null;
    }

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetBoolean(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteBooleanValue((bool)value);

    private static Fault Refused(ReadOnlySpan<byte> value) => CellFaults.Refused(
        "invalid_boolean", value, "is neither yes nor no", "true, false, yes, no, y, n, t, f, 1, 0, on or off");
}
