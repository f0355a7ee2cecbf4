using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Whole numbers of 64 bits.</summary>
internal sealed class IntegerType() : FieldType(FieldKind.Integer)
{
    public override string SqlType => "bigint";

    public override string JsonType => "integer";

    public override string JsonFormat => "int64";

    public override string Expected => "a whole number";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    internal override bool HasOneSpelling => true;

    internal override LiteralForm Form => LiteralForm.Number;

    internal override object? Example(IReadOnlyList<string> options) => 25L;

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => 100_000_000L + (number % 900_000_000);

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        Numbers.TryInteger(value, format, scratch, out stored) ? null : Refused(value, format);

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetInt64(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((long)value);

    private static Fault Refused(ReadOnlySpan<byte> value, CellFormat format)
    {
        Span<byte> scratch = stackalloc byte[64];
        var expected = "a whole number such as 50";
        var found = "is not a number";
        if (Numbers.HasExponent(value)) (found, expected) = ("has an exponent", "all digits, such as 5000000");
        else if (Numbers.TryDecimal(value, format.DecimalComma, scratch, out var number))
        {
            (found, expected) = !number.Contains((byte)'.')
                ? ("is too large", "a number between -9223372036854775808 and 9223372036854775807")
                : number.EndsWith(".000"u8)
                    ? ("may be a decimal or have thousands", "a whole number without a separator, or the setting decimal_comma")
                    : ("is not whole", expected);
        }

        return new Fault("invalid_integer", $"Found {CellFaults.Shown(value)}, which {found}; expected {expected}.");
    }
}
