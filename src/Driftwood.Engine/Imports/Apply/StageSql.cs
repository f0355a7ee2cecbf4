using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The temporary table <c>stage</c> that a chunk is copied into, and the sets its rows fall into. <c>@wave</c> picks the rows
/// that may be applied as a set; they are marked with the record they match and with the fault that keeps them from being
/// applied.
/// </summary>
internal sealed class StageSql(ImportPlan plan)
{
    public const string InWave = "s.wave = @wave";

    /// <summary>Rows without a fault, as far as is known by then.</summary>
    public const string Sound = "s.wave = @wave and s.fault is null";

    /// <summary>Sound rows that match no record.</summary>
    public const string Created = $"{Sound} and s.match_id is null";

    /// <summary>Sound rows that match one.</summary>
    public const string Changed = $"{Sound} and s.match_id is not null";

    public const string Faults = $"select s.seq, s.fault, s.fault_field from stage s where {InWave} and s.fault is not null";

    /// <summary>Rows that will be written, created or updated.</summary>
    public string Writes => plan switch
    {
        { UpdatesMatches: true, CreatesRecords: true } => Sound,
        { UpdatesMatches: true } => Changed,
        { CreatesRecords: true } => Created,
        _ => "false",
    };

    /// <summary>
    /// The staging table lives as long as the session and is emptied by every commit. It holds whose the records are so that
    /// they are looked up by columns of the stage alone: were the account a constant, a planner that knows nothing of
    /// the account yet takes it for a small one and reads all its records for each row. So it is with the job of a dry run.
    /// </summary>
    public string Create(Guid account, Guid job)
    {
        List<string> columns = [$"account_id uuid not null default '{account}'"];
        if (plan.Type.TypeId is { } type) columns.Add($"type_id uuid not null default '{type}'");
        if (plan.IsDryRun) columns.Add($"job_id uuid not null default '{job}'");
        columns.AddRange(["seq integer not null", "wave integer not null", "new_id uuid not null", "lacks_all boolean not null"]);
        columns.AddRange(Columns(typed: true));
        columns.AddRange(["match_id uuid", "fault text", "fault_field text"]);
        if (plan.Company is not null) columns.Add("link_id uuid");
        return $"drop table if exists pg_temp.stage; create temporary table stage ({string.Join(", ", columns)}) on commit delete rows";
    }

    public string Copy => $"copy stage (seq, wave, new_id, lacks_all{string.Concat(Columns(typed: false).Select(c => ", " + c))}) from stdin (format binary)";

    /// <summary>Fields of a staged tuple.</summary>
    public int Fields => 4 + Columns(typed: false).Count();

    /// <summary>How many sound rows of the wave are to create a record, how many to update one, and how many neither.</summary>
    public string Outcomes => $"""
        select count(*) filter (where s.match_id is null and ({Writes})), count(*) filter (where s.match_id is not null and ({Writes})),
               count(*) filter (where not ({Writes}))
        from stage s where {Sound}
        """;

    /// <summary>A column's staged value as the record's table has it.</summary>
    public static string Value(MappedColumn column) =>
        column.Field.SqlType == "text" ? "s." + column.Value : $"s.{column.Value}::{column.Field.SqlType}";

    private IEnumerable<string> Columns(bool typed)
    {
        foreach (var column in plan.Own)
        {
            yield return column.Value + (typed ? " text" : "");
            if (column.Field.MatchKey is not null) yield return column.Key + (typed ? " text collate \"C\"" : "");
        }

        if (plan.Custom.Count > 0) yield return typed ? "custom jsonb not null" : "custom";
        foreach (var column in plan.Custom.Where(c => c.Field.MatchKey is not null)) yield return column.Key + (typed ? " text collate \"C\"" : "");
        if (plan.NumbersRecords)
        {
            yield return typed ? "auto_name text not null" : "auto_name";
            yield return typed ? "auto_key text collate \"C\" not null" : "auto_key";
        }

        if (plan.Company is not null)
        {
            yield return typed ? "link_domain text collate \"C\"" : "link_domain";
            yield return typed ? "link_name text collate \"C\"" : "link_name";
        }

        if (!plan.StagesTags) yield break;
        yield return typed ? "tags text[] not null" : "tags";
        yield return typed ? "tag_keys text[] collate \"C\" not null" : "tag_keys";
        yield return typed ? "tags_blank boolean not null" : "tags_blank";
    }
}
