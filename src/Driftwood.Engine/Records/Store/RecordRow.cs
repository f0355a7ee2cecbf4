using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Store;

/// <summary>Reads a record from a row with the columns that <see cref="RecordSql"/> returns, in their order.</summary>
internal static class RecordRow
{
    public static StoredRecord Read(RecordType type, NpgsqlDataReader row)
    {
        var ordinal = 0;
        var id = row.GetGuid(ordinal++);
        var columns = RecordSql.Of(type).Columns;
        var values = new object?[columns.Count];
        for (var i = 0; i < values.Length; i++, ordinal++)
        {
            values[i] = row.IsDBNull(ordinal) ? null : columns[i].Type.ReadColumn(row, ordinal);
        }

        return new StoredRecord
        {
            Type = type,
            Id = id,
            Values = values,
            Custom = row.GetString(ordinal++),
            Tags = row.GetFieldValue<string[]>(ordinal++),
            CreatedAt = row.GetDateTime(ordinal++),
            CreatedBy = row.GetGuid(ordinal++),
            UpdatedAt = row.GetDateTime(ordinal++),
            UpdatedBy = row.GetGuid(ordinal),
        };
    }
}
