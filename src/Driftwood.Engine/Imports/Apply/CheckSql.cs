using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>The statements that mark staged rows as failed. What is left unmarked is inserted or updated.</summary>
internal sealed class CheckSql(ImportPlan plan)
{
    /// <summary>Stands in <c>fault_field</c> for the fields of which a record needs one; no field can have it for a key.</summary>
    public const string AnyOf = "*";

    private readonly StageSql _stage = new(plan);
    private readonly MatchSql _matches = new(plan);
    private readonly ChangedValues _changed = new(plan);

    /// <summary>The checks in the order in which a row's faults are named.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            List<string> checks = [];
            if (plan.Match?.Field.Kind == FieldKind.Id) checks.Add(Mark("not_found", "id", StageSql.Created));
            checks.AddRange(OfRecord());
            foreach (var column in plan.Columns.Append(plan.Tags).OfType<MappedColumn>().OrderBy(c => c.Index)) checks.AddRange(Of(column));
            if (plan.Tags is null && plan.StagesTags) checks.AddRange(OfTags());
            return checks;
        }
    }

    // What no cell is to blame for: all of those fields together of which one is needed, a field that is not mapped, a number's name.
    private IEnumerable<string> OfRecord()
    {
        if (plan.CreatesRecords && plan.Type.AnyOf.Count > 0) yield return Mark("required", AnyOf, $"{StageSql.Created} and s.lacks_all");
        if (plan.UpdatesMatches && plan.NeedsAnyOf)
        {
            var left = plan.Type.AnyOf.Select(key => $"({_changed.After(key)}) is not null");
            yield return Mark("required", AnyOf, $"{StageSql.Changed} and not exists (select 1 {_matches.Matched} and ({string.Join(" or ", left)}))");
        }

        if (plan.CreatesRecords && plan.Missing is { } missing) yield return Mark("required", missing.Key, StageSql.Created);
        if (plan.UpdatesMatches && plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite && plan.Missing is { } cleared) yield return Mark("required", cleared.Key, StageSql.Changed);
        if (plan.UniqueNumberedName is { } name)
        {
            yield return Mark("duplicate_value", name.Key, $"{StageSql.Created} and exists (select 1 from unique_values u where u.account_id = s.account_id and u.field_id = '{name.UniqueId}' and u.key = s.auto_key)");
        }
    }

    private IEnumerable<string> Of(MappedColumn column)
    {
        var key = column.Field.Key;
        if (column == plan.Tags) return OfTags();
        List<string> checks = [];
        if (column.Field.Required && plan.CreatesRecords) checks.Add(Mark("required", key, $"{StageSql.Created} and {BlankValue(column)}"));
        if (column.Field.Required && plan.UpdatesMatches && plan.Clears) checks.Add(Mark("required", key, $"{StageSql.Changed} and {BlankValue(column)}"));
        if (column.Field.Kind == FieldKind.Reference)
        {
            checks.Add(Mark("not_found", key, $"{_stage.Writes} and s.{column.Value} is not null and not exists (select 1 from {column.Field.Target} t where t.account_id = s.account_id and t.id = s.{column.Value}::uuid)"));
        }

        if (plan.OtherUnique.Contains(column))
        {
            var (owners, id) = _matches.Lookup(column);
            checks.Add(Mark("duplicate_value", key, $"{_stage.Writes} and s.{column.Key} is not null and exists (select 1 {owners} and {id} is distinct from s.match_id)"));
        }

        return checks;
    }

    // A cell's own tags were counted when it was read; here they are counted with those of the job and of the record.
    private IEnumerable<string> OfTags()
    {
        var most = $"> {TagSet.MaxTags}";
        if (!plan.Merges) yield return Mark("too_long", "tags", $"{_stage.Writes} and cardinality(s.tags) {most}");
        else if (plan.CreatesRecords) yield return Mark("too_long", "tags", $"{StageSql.Created} and cardinality(s.tags) {most}");
        if (plan.Merges) yield return Mark("too_long", "tags", $"{StageSql.Changed} and exists (select 1 {_matches.Matched} and cardinality({_changed.TagsAfterMerge("tag_keys")}) {most})");
    }

    private static string Mark(string fault, string field, string where) =>
        $"update stage s set fault = '{fault}', fault_field = '{field}' where {where}";

    private static string BlankValue(MappedColumn column) =>
        column.Field.Slot is { } slot ? Invariant($"s.custom -> '{slot}' is null") : $"s.{column.Value} is null";
}
