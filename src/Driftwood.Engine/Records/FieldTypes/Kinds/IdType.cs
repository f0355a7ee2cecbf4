using System.Buffers.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using Npgsql;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>The record's own id.</summary>
internal sealed class IdType() : RecordIdType(FieldKind.Id);

/// <summary>The id of another record.</summary>
internal sealed class ReferenceType() : RecordIdType(FieldKind.Reference);

/// <summary>The id of a record.</summary>
/// <param name="kind">Says of which.</param>
internal abstract class RecordIdType(FieldKind kind) : FieldType(kind)
{
    public override string SqlType => "uuid";

    public override string JsonFormat => "uuid";

    public override string Expected => "a string with an id";

    public override IReadOnlyList<FilterOperator> Operators => IdentityOperators;

    public override bool CanBeCustom => false;

    internal override object? Example(IReadOnlyList<string> options) => null;

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
