using System.Globalization;
using Driftwood.Engine.Lanes;
using Driftwood.Tests.Infrastructure;
using Npgsql;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>
/// Jobs over statistics that mislead the planner. PostgreSQL itself counts the rows and index entries that it reads: a wrong plan reads all
/// records of the account for each row of a job, a right one a few. Records are written in the order of their ids all the same, which
/// the change log shows.
/// </summary>
public sealed class HostileStatisticsTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    // A look-up of a key reads an entry of the index and the row; a row of an import has five keys, and is locked and written. A row of a
    // dry run also reads the keys that the run has made, and the stored record with which its log compares it.
    private const int MostReadsPerRow = 28;

    private const string Reads = """
        select (
            (select sum(seq_tup_read) from pg_stat_user_tables where relname = any (@tables))
            + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = any (@tables)))::bigint
        """;

    private static readonly string[] Tables =
        ["contacts", "companies", "sources", "unique_values", "dry_run_keys", "dry_run_records", "target_failures", "row_errors"];

    /// <summary>What statistics PostgreSQL has when the jobs run: statements before and after the account's records are stored.</summary>
    public static TheoryData<string, string, string> Statistics => new()
    {
        { "never analyzed", "", "" },
        { "of a table that was emptied", "fill; delete from contacts where external_id <> '20000'; "
            + "delete from unique_values where key <> 'b20000'; vacuum analyze", "" },
        { "emptied and not vacuumed", "fill; analyze; delete from contacts; delete from unique_values", "" },
        { "too low by a thousand times", "fill 20; analyze", "" },
        { "of one account with all records", "", "analyze" },
        { "of ten thousand small accounts", "crowd; analyze", "" },
        { "of one large account beside ten thousand small ones", "crowd", "analyze" },
    };

    [Theory]
    [MemberData(nameof(Statistics))]
    public async Task A_row_is_looked_up_by_the_right_index(string statistics, string before, string after)
    {
        CitusNodes.RequireOneServer("A coordinator does not tell what its nodes read.");
        var jobs = new JobsOfAllKinds();
        var tenant = await InOwnSessionsAsync(rig => PrepareAsync(rig, jobs, before, after));
        List<string> read = [];
        foreach (var (name, add) in jobs.All()) read.Add(await MeasureAsync(tenant, name, add));
        TestContext.Current.TestOutputHelper?.WriteLine($"{statistics}: {string.Join(", ", read)}");
        await InOwnSessionsAsync(async rig =>
        {
            await rig.RequireOrderedLogAsync(tenant);
            return true;
        });
        const int Most = MostReadsPerRow * JobsOfAllKinds.Rows;
        Assert.All(read, job => Assert.InRange(
            long.Parse(job.Split(": ")[^1], NumberStyles.AllowThousands, CultureInfo.InvariantCulture), 0, Most));
    }

    /// <returns>The name and the number of rows and index entries read.</returns>
    private async Task<string> MeasureAsync(Tenant tenant, string name, Func<EngineRig, Tenant, Task<Guid>> add)
    {
        var (files, job) = await InOwnSessionsAsync(async rig => (rig, await add(rig, tenant)));
        var before = await InOwnSessionsAsync(ReadsAsync);
        var state = await InOwnSessionsAsync(async rig =>
        {
            for (var end = LaneEnd.Prepared; end == LaneEnd.Prepared;)
            {
                end = (await rig.RunLaneAsync(tenant, job, JobsOfAllKinds.Options, files.OpenAsync)).End;
            }

            return await rig.StateAsync(tenant, job);
        });
        Assert.Equal(("completed", (long)JobsOfAllKinds.Rows), (state.Status, state.Processed));
        var after = await InOwnSessionsAsync(ReadsAsync);
        return string.Create(CultureInfo.InvariantCulture, $"{name}: {after - before:N0}");
    }

    // A session tells what it has read when it ends, which takes a moment.
    private async Task<T> InOwnSessionsAsync<T>(Func<EngineRig, Task<T>> act)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var rig = new EngineRig(source);
        await Eventually.GetAsync(
            async () => (await rig.ListAsync(
                "select pid::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()")).Count,
            others => others == 0);
        return await act(rig);
    }

    private static async Task<long> ReadsAsync(EngineRig rig)
    {
        await using var command = rig.Database.CreateCommand(Reads);
        command.Parameters.AddWithValue("tables", Tables);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<Tenant> PrepareAsync(EngineRig rig, JobsOfAllKinds jobs, string before, string after)
    {
        await rig.ExecuteAsync(string.Concat(Tables.Select(table => $"alter table {table} set (autovacuum_enabled = false);")));
        await rig.ExecuteAsync("truncate contacts, unique_values, companies, sources; delete from pg_statistic where starelid >= 16384");
        foreach (var step in before.Split("; ", StringSplitOptions.RemoveEmptyEntries)) await PrepareAsync(rig, jobs, step);
        var tenant = await rig.NewTenantAsync();
        await rig.AddTypeAsync(tenant, jobs.Type);
        await jobs.FillAsync(rig, tenant, JobsOfAllKinds.Stored);
        if (after.Length > 0) await rig.ExecuteAsync(after);
        return tenant;
    }

    private static async Task PrepareAsync(EngineRig rig, JobsOfAllKinds jobs, string step)
    {
        if (step.StartsWith("fill", StringComparison.Ordinal))
        {
            var tenant = await rig.NewTenantAsync();
            var contacts = step == "fill" ? JobsOfAllKinds.Stored : int.Parse(step.Split(' ')[1], CultureInfo.InvariantCulture);
            await jobs.FillAsync(rig, tenant, contacts);
        }
        else if (step == "crowd")
        {
            await rig.ExecuteAsync(
                """
                insert into contacts (account_id, id, email, email_key, created_at, created_by, updated_at, updated_by)
                select ('00000000-0000-7000-8000-' || lpad((n % 10000)::text, 12, '0'))::uuid, gen_random_uuid(), e, e, now(),
                       gen_random_uuid(), now(), gen_random_uuid()
                from generate_series(1, 20000) n cross join lateral (select 'c' || n || '@x.io' as e) c
                """);
        }
        else
        {
            await rig.ExecuteAsync(step);
        }
    }
}
