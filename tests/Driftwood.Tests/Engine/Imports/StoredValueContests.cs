using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>
/// Adds rows that random cases rarely have. One row takes the unique value of a stored record under another match key. Another
/// row makes the stored record give the value up. The order of the two rows decides the result.
/// </summary>
internal sealed class StoredValueContests(Random random, CellPicker cells, ImportCase given)
{
    private int _person = CellPicker.MostPeople;

    /// <summary>Adds as many contests as the case allows, at most <paramref name="count"/>.</summary>
    public void Add(int count)
    {
        var plan = new ImportPlan(given.Type, given.Spec, given.Headers);
        var others = plan.OtherUnique.Select(column => column.Field).Where(field => field.Kind != FieldKind.Choice).ToArray();
        if (plan.Match is not { Field: var match } || match.Kind == FieldKind.Choice || others.Length == 0) return;
        foreach (var owner in given.Existing.Take(count))
        {
            var field = others[random.Next(others.Length)];
            var value = NextValue(field);
            owner[field.Key] = PlainRecord.Stored(field, value);
            var key = owner.Id.ToString()!;
            if (match.Kind != FieldKind.Id) owner[match.Key] = PlainRecord.Stored(match, key = NextValue(match));
            var giver = Row(match, key, field, random.Next(3) == 0 ? "" : NextValue(field));
            var taker = Row(match, NextKey(match), field, value);
            foreach (var row in random.Next(4) == 0 ? [taker] : new[] { giver, taker })
            {
                given.Rows.Insert(random.Next(given.Rows.Count + 1), row);
            }
        }
    }

    /// <summary>The next match key. Now and then it is blank. It belongs to an existing record if only such keys match.</summary>
    private string NextKey(Field match) => random.Next(5) switch
    {
        0 => "",
        _ when match.Kind == FieldKind.Id => given.Existing[random.Next(given.Existing.Count)].Id.ToString()!,
        1 => given.Existing[random.Next(given.Existing.Count)][match.Key] ?? "",
        _ => NextValue(match),
    };

    private string NextValue(Field field) => CellPicker.OwnOf(_person++, field);

    // With other unique values, the row would contend for those too.
    private string[] Row(Field match, string key, Field field, string value) =>
    [
        .. given.Headers.Select(header => header == "Note" ? cells.Note() : given.Type.FindMappable(header[4..])! switch
        {
            var mapped when mapped == match => key,
            var mapped when mapped == field => value,
            { Unique: true, Required: false } or { Required: false, Kind: FieldKind.Reference } => "",
            var mapped => mapped.Required ? cells.Stored(mapped) : cells.Cell(mapped),
        }),
    ];
}
