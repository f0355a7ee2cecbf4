using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>Whole numbers of 64 bits.</summary>
internal sealed class IntegerType() : FieldType(FieldKind.Integer)
{
    private static readonly Fault Refused = new(
        "invalid_integer", "Not a whole number between -9223372036854775808 and 9223372036854775807.");

    public override string SqlType => "bigint";

    public override string JsonType => "integer";

    public override string JsonFormat => "int64";

    public override string Expected => "a whole number";

    public override IReadOnlyList<FilterOperator> Operators => OrderOperators;

    internal override bool HasOneSpelling => true;

    internal override LiteralForm Form => LiteralForm.Number;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        Numbers.TryInteger(value, format.DecimalComma, scratch, out stored) ? null : Refused;

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetInt64(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteNumberValue((long)value);
}
