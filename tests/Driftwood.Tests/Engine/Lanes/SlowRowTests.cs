using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>A database in which contacts of one city take forever.</summary>
public sealed class SlowDatabase(PostgresServer server) : EngineDatabase(server)
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (CitusNodes.All is not null) return;
        await using var command = DataSource.CreateCommand("""
            create function dawdle() returns trigger language plpgsql as $$ begin perform pg_sleep(60); return new; end $$;
            create trigger dawdle before insert or update on contacts for each row when (new.city = 'Atlantis') execute function dawdle();
            """);
        await command.ExecuteNonQueryAsync();
    }
}

public sealed class SlowRowTests : IClassFixture<SlowDatabase>
{
    // The engine ends a statement after four fifths of the lease.
    private static readonly LaneOptions Options = new() { Lease = TimeSpan.FromSeconds(1.5), ChunkRows = 25 };

    private readonly EngineRig _rig;

    public SlowRowTests(SlowDatabase database)
    {
        CitusNodes.RequireOneServer("A trigger makes the fault, and Citus refuses triggers.");
        _rig = new EngineRig(database.DataSource);
    }

    [Fact]
    public async Task A_row_that_the_database_never_ends_with_is_given_up_and_the_others_go_in()
    {
        var tenant = await _rig.NewTenantAsync();
        var job = await (ContactFile.Of(30) with { City = row => row == 7 ? "Atlantis" : "Oslo" }).AddAsync(_rig, tenant);

        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, Options)).End);

        Assert.Equal(new JobState("completed", null, 30, new LaneCounts(29, 0, 0, 0, 1)), await _rig.StateAsync(tenant, job));
        Assert.Equal(["7 rejected_by_database -"], await _rig.ErrorsAsync(tenant, job));
    }

    [Fact]
    public async Task A_target_that_the_database_never_ends_with_is_given_up_and_the_others_are_changed()
    {
        var tenant = await _rig.NewTenantAsync();
        var contacts = Enumerable.Range(1, 12)
            .Select(i => new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["first_name"] = "Ann" } }).ToList();
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, contacts);
        var targets = contacts.Select(contact => contact.Id!.Value).ToArray();
        await _rig.ExecuteAsync(
            "alter table contacts disable trigger dawdle; update contacts set city = 'Atlantis' where id = @id; alter table contacts "
                + "enable trigger dawdle",
            ("id", targets[4]));
        var job = await _rig.AddBulkAsync(tenant, RecordTypes.Contacts, "tag", """{"add": ["vip"]}""", targets);

        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, Options)).End);

        Assert.Equal(new JobState("completed", null, 12, new LaneCounts(0, 11, 0, 0, 1)), await _rig.StateAsync(tenant, job));
        Assert.Equal(
            ["4 rejected_by_database"],
            await _rig.ListAsync("select target_index || ' ' || code from target_failures where job_id = @job", ("job", job)));
    }

    [Fact]
    public async Task A_row_that_waits_for_somebody_elses_lock_is_not_given_up()
    {
        var tenant = await _rig.NewTenantAsync();
        var contact = new PlainRecord { Id = Guid.CreateVersion7(), Values = { ["email"] = "c1@x.io", ["city"] = "Rome" } };
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, [contact]);
        var job = await ContactFile.Of(1).AddAsync(_rig, tenant, DuplicateStrategy.Overwrite);
        await using (var connection = await _rig.Database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
            command.CommandText = "update contacts set city = city where account_id = @account";
            command.Parameters.AddWithValue("account", tenant.Account);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            Assert.Equal(LaneEnd.Postponed, (await _rig.RunLaneAsync(tenant, job, Options)).End);
        }

        await _rig.ExpireLeasesAsync(tenant, job);
        Assert.Equal(LaneEnd.Completed, (await _rig.RunLaneAsync(tenant, job, Options)).End);
        Assert.Equal(new JobState("completed", null, 1, new LaneCounts(0, 1, 0, 0, 0)), await _rig.StateAsync(tenant, job));
    }
}
