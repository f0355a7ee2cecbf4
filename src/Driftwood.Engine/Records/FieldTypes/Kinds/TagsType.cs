using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;
using static Driftwood.Engine.Records.FieldTypes.FilterOperator;

namespace Driftwood.Engine.Records.FieldTypes.Kinds;

/// <summary>Lists of tags. <see cref="TagSet"/> reads them from JSON, and <see cref="TagCell"/> from a file.</summary>
internal sealed class TagsType() : FieldType(FieldKind.Tags)
{
    private static readonly FilterOperator[] TagOperators = [HasTag, HasAnyTag, HasAllTags, IsBlank, IsNotBlank];

    public override string SqlType => "text[]";

    public override string JsonType => "array";

    public override string Expected => "an array of strings";

    public override IReadOnlyList<FilterOperator> Operators => TagOperators;

    public override bool CanBeUnique => false;

    internal override object? Example(IReadOnlyList<string> options) => "VIP,Newsletter";

    internal override Fault? Read(
        ReadOnlySpan<byte> value, IReadOnlyList<string> options, CellFormat format, Span<byte> scratch, out ReadOnlySpan<byte> stored) =>
        throw new NotSupportedException("Tags are read as a list.");

    internal override void WriteCustom(Utf8JsonWriter writer, JsonElement value) => value.GetProperty("names").WriteTo(writer);
}
