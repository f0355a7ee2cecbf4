using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Operations;

/// <summary>What keeps an operation from having several targets.</summary>
public static class UniqueFields
{
    /// <summary>The unique fields that the operation gives a value, the same to each target.</summary>
    public static IEnumerable<Field> UniqueFieldsSet(this BulkOperation operation, RecordType type) =>
        operation is UpdateOperation { Values: var values } ? type.Fields.Where(field => field.Unique && values[field.Key] is not null) : [];
}
