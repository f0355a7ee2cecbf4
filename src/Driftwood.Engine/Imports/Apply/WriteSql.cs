using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>The statements that write records: of each sound row that matches nothing a new one, of each that matches one its change.</summary>
internal sealed class WriteSql(ImportPlan plan)
{
    private readonly StageSql _stage = new(plan);

    /// <summary>Null where the import never creates.</summary>
    public string? Insert
    {
        get
        {
            if (!plan.CreatesRecords) return null;
            List<(string Column, string Value)> given = [.. plan.Type.OwnerColumns.Select(owner => (owner.Column, "s." + owner.Column)), .. Stamps, .. Values];
            // In the order of the match key, so that two imports of the same keys wait for each other and do not deadlock.
            var order = plan.Match is { Field.MatchKey: not null } match ? "s." + match.Key : "s.seq";
            return $"insert into {plan.Type.Table} ({string.Join(", ", given.Select(g => g.Column))}) select {string.Join(", ", given.Select(g => g.Value))} from stage s where {StageSql.Created} order by {order}";
        }
    }

    /// <summary>Null where matches are left alone.</summary>
    public string? Update => !plan.UpdatesMatches ? null : $"""
        update {plan.Type.Table} r set {Sets} from (select s.* from stage s where {StageSql.Changed} order by s.match_id offset 0) s
        where {plan.Type.SameOwner("r", "s")} and r.id = s.match_id and {new MatchSql(plan).StillMatches}
        """;

    /// <summary>
    /// Where <see cref="ImportPlan.UpdatesDirectly"/>: matches and changes in one, each record looked up once, in the order of their ids
    /// all the same.
    /// </summary>
    public string UpdateByKey => $"""
        update {plan.Type.Table} r set {Sets}
        from (
            select s.*, m.place from stage s
            cross join lateral (select r.ctid as place, r.id {new MatchSql(plan).Lookup(plan.Match!).From}) m
            where {StageSql.Sound} order by m.id offset 0) s
        where r.ctid = s.place and {plan.Type.SameOwner("r", "s")} and {new MatchSql(plan).StillMatches}
        """;

    /// <summary>
    /// After a wave's records are written: their unique values that no index keeps apart, first those given up, then those
    /// taken. A value that another writer took meanwhile is a clash as one of a unique index is.
    /// </summary>
    public IReadOnlyList<string> UniqueValues
    {
        get
        {
            List<string> statements = [];
            if (plan.UpdatesMatches) statements.AddRange(plan.Type.UniqueValueFields.Where(f => !f.IsReadOnly).Select(GiveUp).OfType<string>());
            if (plan.CreatesRecords || plan.UpdatesMatches) statements.AddRange(plan.Columns.Where(c => c.Field.UniqueId is not null).Select(c => Take(c.Field, c.Key, _stage.Writes)));
            if (plan.UniqueNumberedName is { } name) statements.Add(Take(name, "auto_key", StageSql.Created));
            return statements;
        }
    }

    private string Sets => string.Join(", ", new ChangedValues(plan).Sets.Concat(["updated_at = now()", "updated_by = @user"]));

    private static IEnumerable<(string Column, string Value)> Stamps =>
        [("id", "s.new_id"), ("created_at", "now()"), ("created_by", "@user"), ("updated_at", "now()"), ("updated_by", "@user")];

    private IEnumerable<(string Column, string Value)> Values
    {
        get
        {
            foreach (var column in plan.Own.Where(c => c.Field.Kind != FieldKind.Id))
            {
                yield return (column.Field.Key, StageSql.Value(column));
                if (column.Field.KeyColumn is { } key) yield return (key, "s." + column.Key);
            }

            if (plan.Company is not null) yield return ("company_id", "s.link_id");
            if (plan.NumbersRecords) yield return ("name", "s.auto_name");
            if (plan.NumbersRecords) yield return ("name_key", "s.auto_key");
            if (plan.Custom.Count > 0) yield return ("custom", "s.custom");
            if (plan.StagesTags) yield return ("tags", "s.tags");
            if (plan.StagesTags) yield return ("tag_keys", "s.tag_keys");
        }
    }

    /// <summary>Null where the import leaves the field's values alone.</summary>
    private string? GiveUp(Field field)
    {
        var column = plan.Columns.FirstOrDefault(c => c.Field == field);
        var overwrites = plan.Spec.DuplicateStrategy == DuplicateStrategy.Overwrite;
        if (column is null && !overwrites) return null;
        var gone = column is null ? "" : plan.Clears ? $" and u.key is distinct from s.{column.Key}" : $" and u.key <> s.{column.Key}";
        return $"delete from unique_values u using stage s where {StageSql.Changed} and u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.record_id = s.match_id{gone}";
    }

    // In the order of the keys, as records are inserted, so that two imports of the same keys do not deadlock.
    private static string Take(Field field, string key, string rows) => $"""
        insert into unique_values (account_id, field_id, key, record_id)
        select s.account_id, '{field.UniqueId}', s.{key}, coalesce(s.match_id, s.new_id) from stage s
        where {rows} and s.{key} is not null and not exists (
            select 1 from unique_values u
            where u.account_id = s.account_id and u.field_id = '{field.UniqueId}' and u.key = s.{key} and u.record_id = s.match_id)
        order by s.{key}
        """;
}
