using Driftwood.Engine.Changes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The statements that write records. A sound row that matches nothing becomes a new record; a row that matches a record changes it.
/// </summary>
internal sealed class WriteSql(ImportPlan plan, MatchSql matches, ChangedValues changes)
{
    /// <summary>Inserts new records. Null if the import never creates records.</summary>
    public string? Insert
    {
        get
        {
            if (!plan.CreatesRecords) return null;
            List<(string Column, string Value)> given =
                [.. plan.Type.Owners("s.account_id"), .. Stamps, .. Values()];
            // Inserts in the order of the match key, so that two imports of the same keys wait for each other and do not deadlock.
            var order = plan.Match is { Field: { MatchKey: not null } match } ? StageSql.KeyColumn(match) : "seq";
            return $"""
                insert into {plan.Type.Table} ({string.Join(", ", given.Select(g => g.Column))})
                select {string.Join(", ", given.Select(g => g.Value))} from stage s where {StageSql.Created}
                order by s.{order}{plan.Dialect.Refusable}
                """;
        }
    }

    /// <summary>Writes the change log of the new records. Null if the import never creates records.</summary>
    public string? LogCreated => plan.CreatesRecords ? StageSql.LogCreated(plan.Type) : null;

    /// <summary>Writes the records that a dry run would create to the change log.</summary>
    public IEnumerable<string> DryRunLog => plan.CreatesRecords ? [StageSql.LogCreated(plan.Type, LogEffect.WouldCreate)] : [];

    /// <summary>Writes the records of the rows that are told to change nothing to the change log. Null if matches are changed.</summary>
    public string? LogSkipped => plan.UpdatesMatches || plan.Match is null ? null : StageSql.LogSkipped(plan.Type, plan.IsDryRun);

    /// <summary>Changes the matched records (<see cref="StageSql.WriteFound"/>). Null if matches are not changed.</summary>
    public string? Update => !plan.UpdatesMatches
        ? null
        : StageSql.WriteFound(
            Log, StageSql.FindChanged(Log, changes.Sets, plan.Dialect, matches.StillMatches), changes.Sets, plan.Dialect);

    /// <summary>
    /// Matches and changes in one statement. Each record is looked up once, in the order of the ids. Null unless this is the strategy, and
    /// in a cluster, where records are locked before they are changed.
    /// </summary>
    public string? UpdateByKey => !ChangesByKey ? null : StageSql.WriteFound(
        Log,
        $"""
        select s.*, {StageSql.RowNumber}, m.* from {StageSql.Many($"stage s where {StageSql.Sound}", plan.Dialect)}
        cross join lateral ({ByKey.Select($"r.id, {StageSql.PlaceAndDetail(Detail)}", 1)}) m
        order by m.id
        """,
        changes.Sets,
        plan.Dialect);

    /// <summary>
    /// Writes the unique values that no index enforces, after a wave's records are written: first the freed ones, then the taken ones.
    /// </summary>
    public IEnumerable<string> UniqueValues()
    {
        if (plan.UpdatesMatches)
        {
            var changed = plan.Type.UniqueValueFields.Where(field => !field.IsReadOnly && (plan.Overwrites || IsMapped(field)));
            foreach (var field in changed) yield return GiveUp(field);
        }

        if (plan.CreatesRecords || plan.UpdatesMatches)
        {
            foreach (var field in plan.Columns.Select(column => column.Field).Where(field => field.UniqueId is not null))
            {
                yield return StageSql.TakeValues(field, StageSql.KeyColumn(field), matches.Written, plan.Dialect);
            }
        }

        if (plan.UniqueNumberedName is { } name) yield return StageSql.TakeValues(name, "auto_key", StageSql.Created, plan.Dialect);
    }

    private bool ChangesByKey => plan.Strategy.Matched.Value == MatchedRows.UpdateByKey && !plan.Dialect.IsDistributed;

    private Probe ByKey => StageSql.Lookup(plan.Type, plan.Match!.Field, StageSql.KeyColumn(plan.Match.Field));

    private string Detail => ChangeLog.Detail(changes.Sets, plan.KeepsChanges);

    private ChangeLog Log =>
        new(plan.Type, LogEffect.Updated) { HasRowNumbers = true, HasDetails = plan.KeepsChanges, Dialect = plan.Dialect };

    private IEnumerable<(string Column, string Value)> Stamps =>
        [("id", "s.new_id"), ("created_at", CreatedAt), ("created_by", "@user"), ("updated_at", "now()"), ("updated_by", "@user")];

    private string CreatedAt => plan.Own.Any(column => column.Field == RecordType.CreatedAt)
        ? $"coalesce({StageSql.Value(RecordType.CreatedAt)}, now())"
        : "now()";

    /// <summary>The columns of a new record that rows give a value, with its SQL.</summary>
    public IEnumerable<(string Column, string Value)> Values()
    {
        foreach (var column in plan.Own.Where(column => column.Field.Kind != FieldKind.Id && column.Field != RecordType.CreatedAt))
        {
            var field = column.Field;
            var value = StageSql.Value(field);
            yield return (field.Key, column.OnCreate is null ? value : $"coalesce({value}, {Literal(column.OnCreate)}::{field.SqlType})");
            if (field.KeyColumn is not { } key) continue;
            var staged = "s." + StageSql.KeyColumn(field);
            yield return (key, column.OnCreate is null ? staged : $"coalesce({staged}, {KeyLiteral(field, column.OnCreate)})");
        }

        if (plan.Company is not null) yield return ("company_id", "s.link_id");
        if (plan.NumbersRecords) yield return ("name", "s.auto_name");
        if (plan.NumbersRecords) yield return ("name_key", "s.auto_key");
        if (plan.Custom.Count > 0) yield return ("custom", CreatedCustom);
        if (plan.StagesTags) yield return ("tags", "s.tags");
        if (plan.StagesTags) yield return ("tag_keys", "s.tag_keys");
    }

    private string CreatedCustom
    {
        get
        {
            var columns = plan.Custom.Where(column => column.OnCreate is not null).ToList();
            if (columns.Count == 0) return "s.custom";
            using ByteBuffer values = new(256);
            CustomJson.Begin(values);
            foreach (var column in columns) CustomJson.Add(column.Field, column.OnCreate, values);
            CustomJson.End(values);
            return $"{Literal(values.Written)}::jsonb || s.custom";
        }
    }

    private static string KeyLiteral(Field field, byte[] value)
    {
        using ByteBuffer key = new(256);
        MatchKeys.Write(field.MatchKey!.Value, value, key);
        return key.Length == 0 ? "null" : Literal(key.Written);
    }

    // Values that belong to the job, and not to a row, stand in the text of its statements, as digits that no quote can end.
    private static string Literal(ReadOnlySpan<byte> text) => $"convert_from(decode('{Convert.ToHexString(text)}', 'hex'), 'UTF8')";

    private bool IsMapped(Field field) => plan.Columns.Any(column => column.Field == field);

    private string GiveUp(Field field) => StageSql.GiveUpValues(field, !IsMapped(field)
        ? "true"
        : $"u.key {(plan.Clears ? "is distinct from" : "<>")} s.{StageSql.KeyColumn(field)}", plan.Dialect);
}
