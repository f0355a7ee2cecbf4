using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>This part takes jobs back.</summary>
internal sealed partial class EngineRig
{
    /// <summary>
    /// An account's records and unique values, without the times and users of their last change, and without what deleted fields left
    /// over: an undo does not bring that back.
    /// </summary>
    public Task<List<string>> DataAsync(Tenant tenant)
    {
        string[] tables = ["contacts", "companies", "sources", "custom_records"];
        return ListAsync(
            string.Join(
                " union all ",
                tables.Select(table => $"""
                    select '{table} ' || ((to_jsonb(t) - 'updated_at' - 'updated_by' - 'custom') || jsonb_build_object('custom',
                        case when t.custom ->> '1' = 'left over' then t.custom - '1' else t.custom end))::text
                    from {table} t where t.account_id = @account
                    """))
            + " union all select 'unique_values ' || to_jsonb(t)::text from unique_values t where t.account_id = @account order by 1",
            ("account", tenant.Account));
    }

    /// <summary>Makes a started job that takes another one back. It has as many lanes as the other.</summary>
    public async Task<Guid> AddUndoAsync(Tenant tenant, RecordType type, Guid source, bool isDryRun = false)
    {
        var job = Guid.CreateVersion7();
        await ExecuteAsync(
            """
            insert into jobs (account_id, id, kind, record_type, status, created_by, started_at, dry_run_state)
            values (@account, @job, 'bulk', @type, 'processing', @worker, now(), case when @dry then 'kept' end);
            insert into bulk_jobs (account_id, id, operation, params, undoes_job_id, to_freeze)
            values (@account, @job, 'undo', '{}', @source, true);
            insert into lanes (account_id, job_id, lane, status)
            select account_id, @job, lane, case when lane = 0 then 'ready' else 'waiting' end from lanes
            where account_id = @account and job_id = @source;
            """,
            ("account", tenant.Account), ("job", job), ("type", type.Key), ("worker", tenant.Worker), ("source", source),
            ("dry", isDryRun));
        return job;
    }

    /// <summary>
    /// Each row of the change log has its records in the order of their ids, and each once, except that several rows of a file may have
    /// left the same record as it is, or be linked with the same company.
    /// </summary>
    public async Task RequireOrderedLogAsync(Tenant tenant) =>
        Assert.Empty(await ListAsync(
            """
            select id::text from changes where account_id = @account and record_ids <> case when effect in ('skipped', 'linked')
                then array(select unnest(record_ids) order by 1) else array(select distinct unnest(record_ids) order by 1) end
            """,
            ("account", tenant.Account)));

    /// <summary>The same, and lists in the order of <c>updated_at</c> find every record.</summary>
    public async Task RequireSoundLogAsync(Tenant tenant)
    {
        await RequireOrderedLogAsync(tenant);
        Assert.Empty(await ListAsync(
            string.Join(
                " union all ",
                RecordTypes.BuiltIn.Select(type => type.Table).Append("custom_records").Select(table => $"""
                    select '{table} ' || r.id from {table} r where r.account_id = @account and not exists (
                        select from latest_changes l
                        where l.account_id = r.account_id and l.updated_at = r.updated_at and r.id = any (l.record_ids))
                    """)),
            ("account", tenant.Account)));
    }

    /// <summary>
    /// Takes a job back, and then takes that back. No one else writes, so nothing may fail or be kept. Returns null if the records are
    /// then as they were before the job and, in the end, as they were after it. A dry run before it must say the same and change nothing.
    /// </summary>
    public async Task<string?> UndoAndRedoAsync(
        Tenant tenant, RecordType type, Guid job, int lanes, LaneOptions options, List<string> before, Random? interruptions)
    {
        await RequireSoundLogAsync(tenant);
        var after = await DataAsync(tenant);
        if (await RunUndoAsync("dry run", await AddUndoAsync(tenant, type, job, isDryRun: true), after) is { } untrue) return untrue;
        var undo = await AddUndoAsync(tenant, type, job);
        if (await RunUndoAsync("undo", undo, before) is { } wrong) return wrong;
        return await RunUndoAsync("redo", await AddUndoAsync(tenant, type, undo), after);

        async Task<string?> RunUndoAsync(string name, Guid id, List<string> expected)
        {
            await new LaneStorm(this, tenant, id, lanes, options).RunAsync(interruptions);
            var state = await StateAsync(tenant, id);
            var found = await DataAsync(tenant);
            await RequireSoundLogAsync(tenant);
            if (state is { Status: "completed", Counts: { Failed: 0, Skipped: 0 } } && expected.SequenceEqual(found)) return null;
            var outcomes = await ListAsync(
                "select target_index || ' ' || record_id || ' ' || code || ' ' || message from target_failures where job_id = @job",
                ("job", id));
            var lines = expected.Except(found).Select(line => "  expected: " + line).Concat(found.Except(expected)
                .Select(line => "  found:    " + line)).Concat(outcomes.Select(outcome => "  outcome:  " + outcome));
            return $"{name}: {state}\n{string.Join('\n', lines)}";
        }
    }
}
