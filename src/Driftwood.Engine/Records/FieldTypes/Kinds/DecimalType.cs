using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Numbers of at most 28 digits; trailing zeros are kept.</summary>
internal sealed class DecimalType() : FieldType(FieldKind.Decimal)
{
    public override string SqlType => "numeric";

    public override string JsonType => "number";

    public override string Expected => "a number";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Number;

    internal override LiteralForm Form => LiteralForm.Number;

    internal override object? Example(IReadOnlyList<string> options) => 12.5m;

    internal override object? UniqueExample(uint number, IReadOnlyList<string> options) => 100_000_000.5m + (number % 900_000_000);

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        return Numbers.TryDecimal(value, format.DecimalComma, scratch, out stored) ? null : Refused(value, format);
    }

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetDecimal(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((decimal)value);

    private static Fault Refused(ReadOnlySpan<byte> value, CellFormat format)
    {
        var found = CellFaults.Shown(value);
        if (Numbers.HasExponent(value))
        {
            return new Fault("invalid_decimal", $"Found {found}, which has an exponent; expected all digits, such as 5000000.");
        }

        var (mark, thousands) = format.DecimalComma ? ("comma", "points") : ("point", "commas");
        return new Fault(
            "invalid_decimal",
            $"Found {found}, which is not a number; expected at most 28 digits with an optional decimal {mark}, thousands separated by "
            + $"{thousands}, by spaces or not at all.");
    }
}
