using Driftwood.Engine.Changes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The statement that gives changed records their old values where they still hold all that the job left in them. Most records do, and
/// for them one statement does what takes several over a temporary table (<see cref="UndoSql"/>). It leaves all other targets out.
/// </summary>
/// <param name="type">The type of the records.</param>
/// <param name="logged">The columns that the details of most targets name. A target whose details name another one is left out.</param>
internal sealed class UntouchedSql(RecordType type, IEnumerable<string> logged)
{
    // Values that other records may have by now, and records that may be gone, have to be looked up.
    private static HashSet<string> CheckedColumns(RecordType type)
    {
        var fields = type.Columns.Where(field => field.Unique || field.UniqueId is not null || field.Kind == FieldKind.Reference);
        HashSet<string> columns = [.. fields.SelectMany(field => new[] { field.Key, field.KeyColumn ?? field.Key })];
        if (type.CustomFields.Any(field => field.UniqueId is not null)) columns.Add("custom");
        return columns;
    }

    /// <summary>The columns that the statement can restore.</summary>
    public string[] Columns { get; } =
        [.. ChangeLog.Columns(type).Intersect(logged).Except(CheckedColumns(type))];

    /// <summary>
    /// Restores the targets of <see cref="UndoSql.Targets"/>. Returns how many it restored, and the indexes of the others. <c>@columns</c>
    /// has the <see cref="Columns"/>.
    /// </summary>
    public string Restore => $"""
        with targets as materialized (
        {UndoSql.Targets}),
        found as materialized (
            select s.account_id, s.record_id, s.target_index, m.place, {ChangeLog.Changed("m.", Columns, "n.")} as log_detail, n.*
            from (
                select * from targets s where s.detail - @columns = '{"{}"}' and s.detail <> '{"{}"}'
                order by s.record_id offset 0) s
            cross join lateral ({Probe.OfId(type, "s.record_id").Select($"r.ctid as place{Found}", 1)}) m
            cross join lateral (select {string.Join(", ", Columns.Select(Chosen))} offset 0) n
            where {string.Join(" and ", Columns.Select(IsAsLeft))}),
        restored as (
            update {type.Table} r set {string.Concat(Columns.Select(column => $"{column} = s.{column}, "))}updated_at = now(),
                   updated_by = @user
            from {Probe.Many("found", "*", Blanks, SqlDialect.Plain)} s
            where {Probe.IsAtPlace(type, "s", "record_id", "found", SqlDialect.Plain)}
            returning r.id, s.target_index, s.log_detail as detail),
        {new ChangeLog(type, LogEffect.Updated) { HasDetails = true }.OfJob("0", "restored")}
        select {ChangeLog.Sum("logged")},
               array(select t.target_index from targets t where t.target_index not in (select target_index from restored))
        """;

    private string Blanks => $"null, null, null, null, null{string.Concat(Columns.Select(_ => ", null"))}";

    private string Found => string.Concat(Columns.Select(column => $", r.{column}"));

    // The old value if the job changed the column.
    private string Chosen(string column)
    {
        var old = UndoSql.FromJson(type, column, $"(s.detail -> '{column}' -> 0)");
        return $"case when s.detail ? '{column}' then {old} else m.{column} end as {column}";
    }

    // Match keys go with the values that they were made from. A value of a deleted custom field does not come back.
    private string IsAsLeft(string column)
    {
        var left = $"s.detail -> '{column}' -> 1";
        var isAsLeft = type.Columns.FirstOrDefault(field => field.Key == column) switch
        {
            { SqlType: "text" } => $"m.{column} is not distinct from s.detail -> '{column}' ->> 1",
            { } => $"coalesce(to_jsonb(m.{column}), 'null') = {left}",
            null when column == "custom" =>
                $"m.custom::text = ({left})::text and (s.detail -> 'custom' -> 0) - @slots = '{"{}"}'",
            null when column == "tags" => $"to_jsonb(m.tags) = {left}",
            null when column == "tag_keys" => "s.detail ? 'tags'",
            null => $"s.detail ? '{type.Columns.First(field => field.KeyColumn == column).Key}'",
        };
        return $"(not s.detail ? '{column}' or {isAsLeft})";
    }
}
