using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters;

/// <summary>The fields that filters compare: the type's fields, custom ones included, the record's id, its stamps and its jobs.</summary>
public static class FilterFields
{
    /// <summary>The id, the type's fields in their order, then the stamps and the jobs.</summary>
    public static IReadOnlyList<Field> All(RecordType type) => [RecordType.Id, .. type.Fields, .. type.OwnFields];

    /// <summary>The field with that key, or null.</summary>
    public static Field? Find(RecordType type, string key) => All(type).FirstOrDefault(field => field.Key == key);
}
