using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Records;

public sealed class FieldTypeTests
{
    [Fact]
    public void Every_kind_has_a_type_of_its_own()
    {
        var kinds = Enum.GetValues<FieldKind>();

        Assert.Equal(kinds, FieldType.All.Select(type => type.Kind));
        Assert.Equal(kinds, kinds.Select(kind => FieldType.Of(kind).Kind));
        Assert.Equal(kinds.Length, FieldType.All.Select(type => type.Name).Distinct().Count());
    }

    [Fact]
    public void Users_define_fields_of_all_kinds_but_ids_references_and_domains() =>
        Assert.Equal(
            ["text", "integer", "decimal", "boolean", "date", "datetime", "url", "email", "phone", "choice", "tags"],
            CustomFields.Kinds.Keys);
}
