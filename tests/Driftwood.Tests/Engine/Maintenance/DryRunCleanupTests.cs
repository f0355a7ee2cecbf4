using System.Globalization;
using Driftwood.Engine.Maintenance;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Engine.Lanes;

namespace Driftwood.Tests.Engine.Maintenance;

public sealed class DryRunCleanupTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);
    private readonly DryRunCleanup _cleanup = new(database.DataSource);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_dry_run_that_ended_nothing_is_left_and_of_one_that_goes_on_nothing_is_gone()
    {
        var tenant = await _rig.NewTenantAsync();
        var ended = await AddAsync(tenant, rows: 25_000);
        await EndAsync(ended, "completed");
        var going = await AddAsync(tenant, rows: 10);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _cleanup.RunAsync(CancellationToken)));
        await _cleanup.RunAsync(CancellationToken);

        Assert.Equal((0, "removed"), await StateAsync(ended));
        Assert.Equal((20, "kept"), await StateAsync(going));
    }

    [Fact]
    public async Task A_run_removes_a_bounded_part_and_the_next_goes_on()
    {
        // The tables have no statistics, as after a run that has just ended.
        await _rig.ExecuteAsync(
            "alter table dry_run_keys set (autovacuum_enabled = false); alter table dry_run_records set (autovacuum_enabled = false)");
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, rows: 150_000);
        await EndAsync(job, "cancelled");

        await _cleanup.RunAsync(CancellationToken);
        Assert.Equal((110_000, "removing"), await StateAsync(job)); // the sixteenth of its twenty statements finds no more keys

        await _cleanup.RunAsync(CancellationToken);
        Assert.Equal((0, "removed"), await StateAsync(job));
    }

    [Fact]
    public async Task A_failed_one_is_kept_for_a_day()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await AddAsync(tenant, rows: 5);
        await EndAsync(job, "failed");

        await _cleanup.RunAsync(CancellationToken);
        Assert.Equal((10, "kept"), await StateAsync(job));

        await _rig.ExecuteAsync("update jobs set updated_at = now() - interval '25 hours' where id = @job", ("job", job));
        await _cleanup.RunAsync(CancellationToken);
        Assert.Equal((0, "removed"), await StateAsync(job));
    }

    private async Task<Guid> AddAsync(Tenant tenant, int rows)
    {
        var job = await _rig.AddImportAsync(
            tenant, RecordTypes.Contacts, ContactFile.Spec() with { DryRun = true }, ContactFile.Headers, ContactFile.Of(1).Bytes(), 1);
        await _rig.ExecuteAsync(
            """
            insert into dry_run_keys (account_id, job_id, field, key, record_id) select @account, @job, 'email', n::text, gen_random_uuid()
                from generate_series(1, @rows) n;
            insert into dry_run_records (account_id, job_id, id, record) select @account, @job, gen_random_uuid(), '{}'
                from generate_series(1, @rows) n;
            """,
            ("account", tenant.Account), ("job", job), ("rows", rows));
        return job;
    }

    private Task EndAsync(Guid job, string status) => _rig.ExecuteAsync(
        "update lanes set status = 'completed' where job_id = @job; update jobs set status = @status, completed_at = now(), error_message "
            + "= 'Lost.' where id = @job",
        ("job", job), ("status", status));

    private async Task<(int Rows, string State)> StateAsync(Guid job)
    {
        var shown = await _rig.ListAsync(
            "select (select count(*) from dry_run_keys where job_id = @job) + (select count(*) from dry_run_records where job_id = @job) "
                + "|| "
                + "' ' || dry_run_state from jobs where id = @job",
            ("job", job));
        var parts = shown.Single().Split(' ');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
    }
}
