using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>The fields that a column of a file may be mapped to.</summary>
internal static class MappableFields
{
    /// <summary>
    /// The fields that people know come first, then external ID, the time of creation and id. Those of a contact's company are last.
    /// </summary>
    public static IEnumerable<Field> Of(RecordType type) => type.Fields.Where(field => !field.IsReadOnly)
        .OrderBy(field => field.Key == "external_id").Append(RecordType.CreatedAt).Append(RecordType.Id).Concat(type.CompanyFields);
}
