using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>Numbers of at most 28 digits; trailing zeros are kept.</summary>
internal sealed class DecimalType() : FieldType(FieldKind.Decimal)
{
    private static readonly Fault RefusedWithPoint = new(
        "invalid_decimal",
        "Not a number; expected at most 28 digits with an optional decimal point, thousands separated by commas, by spaces or not at all.");

    private static readonly Fault RefusedWithComma = new(
        "invalid_decimal",
        "Not a number; expected at most 28 digits with an optional decimal comma, thousands separated by points, by spaces or not at all.");

    public override string SqlType => "numeric";

    public override string JsonType => "number";

    public override string Expected => "a number";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    public override MatchKeyKind UniqueKey => MatchKeyKind.Number;

    internal override LiteralForm Form => LiteralForm.Number;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        if (Numbers.TryDecimal(value, format.DecimalComma, scratch, out stored)) return null;
        return format.DecimalComma ? RefusedWithComma : RefusedWithPoint;
    }

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetDecimal(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((decimal)value);
}
