using System.Buffers.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes;

/// <summary>The id of another record (<see cref="FieldKind.Reference"/>) or the record's own (<see cref="FieldKind.Id"/>).</summary>
internal sealed class IdType(FieldKind kind) : FieldType(kind)
{
    public override string SqlType => "uuid";

    public override string JsonFormat => "uuid";

    public override string Expected => "a string with an id";

    public override IReadOnlyList<FilterOperator> Operators => IdentityOperators;

    public override bool CanBeCustom => false;

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored)
    {
        stored = default;
        if (!Utf8Parser.TryParse(value, out Guid id, out var used) || used != value.Length) return Refused(value);
        stored = Utf8Formatter.TryFormat(id, scratch, out var written) ? scratch[..written] : default;
        return null;
    }

    internal override object ReadColumn(NpgsqlDataReader row, int ordinal) => row.GetGuid(ordinal);

    internal override void WriteColumn(Utf8JsonWriter writer, object value) => writer.WriteStringValue((Guid)value);

    private static Fault Refused(ReadOnlySpan<byte> value) => CellFaults.Refused(
        "not_found", value, "is not an id", "the id of a record of this account, such as 550e8400-e29b-41d4-a716-446655440000");
}
