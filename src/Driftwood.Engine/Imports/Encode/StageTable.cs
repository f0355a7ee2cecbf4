using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>The temporary table <c>stage</c> that a chunk is copied into: its columns, in the order in which a row's tuple has them.</summary>
internal sealed class StageTable(ImportPlan plan)
{
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
