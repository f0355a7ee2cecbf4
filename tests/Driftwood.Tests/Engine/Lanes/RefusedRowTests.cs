using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>A database that refuses contacts of one city, like an unexpected constraint.</summary>
public sealed class RefusingDatabase(PostgresServer server) : EngineDatabase(server)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (CitusNodes.All is not null) return;
        await using var command = DataSource.CreateCommand("""
            create function refuse() returns trigger language plpgsql as
            $$ begin raise exception 'Not this city' using errcode = '22000'; end $$;
            create trigger refuse before insert or update on contacts for each row when (new.city = 'Atlantis') execute function refuse();
            """);
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class RefusedRowTests : IClassFixture<RefusingDatabase>
{
    private readonly EngineRig _rig;

    public RefusedRowTests(RefusingDatabase database)
    {
        CitusNodes.RequireOneServer("A trigger makes the fault, and Citus refuses triggers.");
        _rig = new EngineRig(database.DataSource);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(7)]
    [InlineData(1)]
    public async Task A_row_the_database_refuses_is_found_and_the_others_go_in(int chunkRows)
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await (ContactFile.Of(100) with { City = row => row is 13 or 14 or 77 or 100 ? "Atlantis" : "Oslo" })
            .AddAsync(_rig, tenant, lanes: 1);

        var result = await RunAsync(tenant, job, chunkRows);

        Assert.Equal(LaneEnd.Completed, result.End);
        Assert.Equal(new JobState("completed", null, 100, new LaneCounts(96, 0, 0, 0, 4)), await _rig.StateAsync(tenant, job));
        Assert.Equal(
            ["13 rejected_by_database -", "14 rejected_by_database -", "77 rejected_by_database -", "100 rejected_by_database -"],
            await _rig.ErrorsAsync(tenant, job));
        Assert.Equal(96, await ContactFile.CountAsync(_rig, tenant));
    }

    [Fact]
    public async Task A_bulk_target_the_database_refuses_is_found_and_the_others_are_changed()
    {
        var tenant = await _rig.NewTenantAsync();
        var contacts = Enumerable.Range(1, 20)
            .Select(i => new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["first_name"] = "Ann" } }).ToList();
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, contacts);
        var targets = contacts.Select(contact => contact.Id!.Value).ToArray();
        await _rig.ExecuteAsync(
            "alter table contacts disable trigger refuse; update contacts set city = 'Atlantis' where id = @id; alter table contacts "
                + "enable trigger refuse",
            ("id", targets[7]));
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "tag", """{"add": ["vip"]}""", targets);

        await RunAsync(tenant, job, 100);

        Assert.Equal(new JobState("completed", null, 20, new LaneCounts(0, 19, 0, 0, 1)), await _rig.StateAsync(tenant, job));
        Assert.Equal(
            ["7 rejected_by_database"],
            await _rig.ListAsync("select target_index || ' ' || code from target_failures where job_id = @job", ("job", job)));
    }

    [Fact]
    public async Task After_a_worker_died_chunks_are_small_among_the_rows_it_may_have_died_of_and_then_grow_again()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(60).AddAsync(_rig, tenant);
        await SetAttemptsAsync(job, 1);

        await RunAsync(tenant, job, 25);

        // now() is the time of the transaction, so all rows of one chunk share it.
        Assert.Equal(
            ["5", "5", "5", "5", "5", "10", "20", "5"],
            await _rig.ListAsync(
                "select count(*)::text from contacts where account_id = @account group by created_at order by created_at",
                ("account", tenant.Account)));
    }

    [Fact]
    public async Task A_row_tried_alone_too_often_is_given_up_and_the_others_go_in()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await ContactFile.Of(60).AddAsync(_rig, tenant);
        await SetAttemptsAsync(job, 5); // with 25 rows, attempts three to five have one row

        await RunAsync(tenant, job, 25);

        Assert.Equal(new JobState("completed", null, 60, new LaneCounts(59, 0, 0, 0, 1)), await _rig.StateAsync(tenant, job));
        Assert.Equal(["1 rejected_by_database -"], await _rig.ErrorsAsync(tenant, job));
    }

    private Task SetAttemptsAsync(Guid job, int attempts) =>
        _rig.ExecuteAsync("update lanes set attempts = @attempts where job_id = @job", ("attempts", attempts), ("job", job));

    private Task<LaneResult> RunAsync(Tenant tenant, Guid job, int chunkRows) =>
        _rig.RunLaneAsync(tenant, job, new LaneOptions { ChunkRows = chunkRows });
}
