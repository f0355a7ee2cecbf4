using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>Finds the fields that a query on a type names.</summary>
internal sealed class QueryFields(RecordType type)
{
    private const string FulcrumId = "_record_id";

    private readonly QueryNames<Field> _names = new(FilterFields.All(type), field => field.Key, field => field.Label);

    /// <summary>The field. Null, with a fault, if no field or more than one field has the name.</summary>
    public Field? Find(QueryToken token, QueryCursor cursor)
    {
        var found = _names.Find(token.Value);
        if (found.Count == 1) return found[0];
        if (found.Count == 0 && token.Value.Equals(FulcrumId, StringComparison.OrdinalIgnoreCase)) return RecordType.Id;
        string[] keys = [.. found.Select(field => field.Key)];
        if (found.Count == 0) cursor.Refuse(token, $"a field of {type.Key}", _names.Keys);
        else cursor.Refuse(token, $"one of the fields of that label by its key: {string.Join(", ", keys)}", keys);
        return null;
    }
}
