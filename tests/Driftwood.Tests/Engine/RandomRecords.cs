using Driftwood.Engine.Records;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine;

/// <summary>Random records that an account may have: required fields there, unique values once.</summary>
internal static class RandomRecords
{
    /// <summary>At most <paramref name="count"/> records, the first of them with the given ids.</summary>
    public static List<PlainRecord> Make(Random random, CellPicker cells, RecordType type, int count, Guid[] ids)
    {
        List<PlainRecord> records = [];
        for (var i = 0; i < Math.Max(count, ids.Length); i++)
        {
            var record = new PlainRecord { Id = i < ids.Length ? ids[i] : Guid.CreateVersion7(), HasCustom = random.Next(2) == 0, Tags = cells.StoredTags() };
            foreach (var field in type.Columns)
            {
                if (field.Required || random.Next(3) > 0) record[field.Key] = PlainRecord.Stored(field, cells.Stored(field));
            }

            foreach (var field in type.Columns.Where(f => f.Unique && Clashes(f, record, records))) record[field.Key] = field.Required ? $"Name {i}" : null;
            if (type.AnyOf.Count > 0 && type.AnyOf.All(key => record[key] is null)) record["first_name"] = "Ann";
            records.Add(record);
        }

        return records;
    }

    private static bool Clashes(Field field, PlainRecord record, List<PlainRecord> records) =>
        record.Key(field) is { } key && records.Exists(other => other.Key(field) == key);
}
