using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Imports;

namespace Driftwood.Tests.Engine;

/// <summary>Random records that an account may have. Required fields have values, and unique values occur once.</summary>
internal static class RandomRecords
{
    /// <summary>Makes at most <paramref name="count"/> records. The first of them have the given ids.</summary>
    public static List<PlainRecord> Make(Random random, CellPicker cells, RecordType type, int count, Guid[] ids)
    {
        List<PlainRecord> records = [];
        for (var i = 0; i < Math.Max(count, ids.Length); i++)
        {
            var record =
                new PlainRecord
                {
                    Id = i < ids.Length ? ids[i] : Guid.CreateVersion7(),
                    HasLeftover = random.Next(2) == 0,
                    Tags = cells.StoredTags()
                };
            cells.NextPerson();
            foreach (var field in type.Fields.Where(f => !f.IsTags && (f.Required || random.Next(3) > 0))) Set(record, field, cells);
            foreach (var field in type.Fields.Where(f => f.Unique && Clashes(f, record, records)))
            {
                record[field.Key] = field.Required ? Distinct(field, i) : null;
            }
            if (type.Autonumber is { } pattern) record["name"] = pattern.Name(i + 1);
            if (type.AnyOf.Count > 0 && type.AnyOf.All(key => record[key] is null)) record["first_name"] = "Ann";
            records.Add(record);
        }

        return records;
    }

    private static void Set(PlainRecord record, Field field, CellPicker cells)
    {
        if (field.Kind == FieldKind.Tags) record.SetList(field, TagSet.Read([.. cells.StoredTags().Names, "one"], out _));
        else record[field.Key] = PlainRecord.Stored(field, cells.Stored(field));
    }

    private static bool Clashes(Field field, PlainRecord record, List<PlainRecord> records) =>
        record.Key(field) is { } key && records.Exists(other => other.Key(field) == key);

    /// <summary>A value that no cell picker gives. Each number below 1,000 has a different value. It is not for choices.</summary>
    public static string Distinct(Field field, int i)
    {
        FormattableString text = field.Kind switch
        {
            FieldKind.Integer or FieldKind.Decimal => $"{7_000 + i}",
            FieldKind.Date or FieldKind.DateTime => $"{1900 + i}-01-01",
            FieldKind.Url => $"distinct.io/{i}",
            FieldKind.Domain => $"distinct{i}.io",
            FieldKind.Email => $"distinct{i}@x.io",
            FieldKind.Phone => $"999 {i:000}",
            _ => $"Name {i}",
        };
        return PlainRecord.Stored(field, FormattableString.Invariant(text))!;
    }
}
