using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Staging;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>The statements that mark staged rows as failed. Rows that are left unmarked are inserted or updated.</summary>
internal sealed class CheckSql(ImportPlan plan, MatchSql matches, ChangedValues changes)
{
    /// <summary>The <c>fault_field</c> for a group of fields of which a record needs at least one. No field has this key.</summary>
    public const string AnyOf = "*";

    // Stand for a record where a row's key finds none, or several. No record has these ids.
    private const string NoRecord = "00000000-0000-0000-0000-000000000000", SeveralRecords = "ffffffff-ffff-ffff-ffff-ffffffffffff";

    /// <summary>The checks, in the order in which a row's faults are reported.</summary>
    public IEnumerable<string> All()
    {
        IEnumerable<string> checks = OfRecord();
        if (plan.Match?.Field.Kind == FieldKind.Id) checks = checks.Prepend(Mark("not_found", "id", StageSql.Created));
        checks = checks.Concat(plan.Columns.Append(plan.Tags).OfType<MappedColumn>().OrderBy(column => column.Place).SelectMany(Of));
        if (plan.Tags is null && plan.StagesTags) checks = checks.Concat(OfTags());
        return plan.Columns.Where(column => column.By is not null).Select(FindTarget).Concat(checks);
    }

    /// <summary>Replaces the key of the record that a staged reference points to by the record's id.</summary>
    private string FindTarget(MappedColumn column)
    {
        var value = "s." + StageSql.ValueColumn(column.Field);
        var found = Probe.Of(RecordTypes.Find(column.Field.Target!)!, column.By!.KeyColumn!, $"{value} collate \"C\"").Select("r.id", 2);
        return plan.Dialect.Mark("stage", "seq", $"{StageSql.InWave} and {value} is not null", (StageSql.ValueColumn(column.Field), $"""
            (select case count(*) when 0 then '{NoRecord}' when 1 then min(f.id::text) else '{SeveralRecords}' end from ({found}) f)
            """));
    }

    // Faults of no single cell: a record lacks all fields of a required group, a field is not mapped, or a numbered name is taken.
    private IEnumerable<string> OfRecord()
    {
        if (plan.CreatesRecords && plan.Type.AnyOf.Count > 0) yield return Mark("required", AnyOf, $"{StageSql.Created} and s.lacks_all");
        if (plan.UpdatesMatches && plan.NeedsAnyOf)
        {
            var left = plan.Type.AnyOf.Select(key => $"({changes.After(key)}) is not null");
            yield return Mark("required", AnyOf, $"{StageSql.Changed} and {matches.OfMatched(string.Join(" or ", left))} is not true");
        }

        if (plan.CreatesRecords && plan.Missing is { } missing) yield return Mark("required", missing.Key, StageSql.Created);
        if (plan.Overwrites && plan.Missing is { } cleared) yield return Mark("required", cleared.Key, StageSql.Changed);
        if (plan.UniqueNumberedName is { } name)
        {
            var taken = StageSql.Lookup(plan.Type, name, "auto_key").First;
            yield return Mark("duplicate_value", name.Key, $"{StageSql.Created} and {taken} is not null");
        }
    }

    private IEnumerable<string> Of(MappedColumn column) => column == plan.Tags ? OfTags() : OfValue(column);

    private IEnumerable<string> OfValue(MappedColumn column)
    {
        var field = column.Field;
        if (field.Required && plan.CreatesRecords && column.OnCreate is null)
        {
            yield return Mark("required", field.Key, $"{StageSql.Created} and {IsBlank(field)}");
        }

        if (field.Required && plan.UpdatesMatches && plan.Clears && column.Policy == ColumnPolicy.Overwrite)
        {
            yield return Mark("required", field.Key, $"{StageSql.Changed} and {IsBlank(field)}");
        }

        if (column.By is not null)
        {
            var isOfSeveral = $"s.{StageSql.ValueColumn(field)} = '{SeveralRecords}'";
            yield return Mark("ambiguous_match", field.Key, $"{matches.Written} and {isOfSeveral}");
        }

        if (field.Kind == FieldKind.Reference)
        {
            yield return Mark("not_found", field.Key, $"{matches.Written} and {StageSql.PointsNowhere(field)}");
        }

        if (!plan.OtherUnique.Contains(column)) yield break;
        var another = $"(select true from ({matches.Find(column, 2)}) o(id) where o.id is distinct from s.match_id limit 1)";
        var isTaken = $"s.{StageSql.KeyColumn(field)} is not null and {another}";
        yield return Mark("duplicate_value", field.Key, $"{matches.Written} and {isTaken}");
    }

    // A cell's own tags were counted when it was read. This check counts them together with the tags of the job and of the record.
    private IEnumerable<string> OfTags()
    {
        var tooMany = $"> {TagSet.MaxTags}";
        if (!plan.Merges) yield return Mark("too_long", "tags", $"{matches.Written} and cardinality(s.tags) {tooMany}");
        else if (plan.CreatesRecords) yield return Mark("too_long", "tags", $"{StageSql.Created} and cardinality(s.tags) {tooMany}");
        if (!plan.Merges) yield break;
        var united = matches.OfMatched($"cardinality({changes.TagsAfterMerge("tag_keys")}) {tooMany}");
        yield return Mark("too_long", "tags", $"{StageSql.Changed} and {united}");
    }

    private string Mark(string fault, string field, string where) =>
        plan.Dialect.Mark("stage", "seq", where, ("fault", $"'{fault}'"), ("fault_field", $"'{field}'"));

    private static string IsBlank(Field field) =>
        field.Slot is { } slot ? Invariant($"s.custom -> '{slot}' is null") : $"s.{StageSql.ValueColumn(field)} is null";
}
