using System.Globalization;
using Driftwood.Data;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Npgsql;

namespace Driftwood.Tests.Engine.Lanes;

/// <summary>Behind a pooler the next transaction may run in another session, and the session may serve another account next.</summary>
public sealed class PoolerTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private static readonly LaneOptions Options = new() { Owner = "worker", Lease = TimeSpan.FromMinutes(1), ChunkRows = 100 };

    // Two accounts leave two sessions for eight lanes, so that almost every chunk finds another session than the chunk before.
    [Theory]
    [InlineData("transaction", 2, 2)]
    [InlineData("transaction", 8, 3)]
    [InlineData("session", 8, 30)]
    public async Task Each_account_gets_its_own_rows(string mode, int accounts, int sessions)
    {
        await using var bouncer = await PgBouncer.StartAsync(database.ConnectionString, mode, sessions);
        var route = await DatabaseRoute.FindAsync(bouncer.Through(database.ConnectionString), direct: null, Cancellation);
        await using var source = NpgsqlDataSource.Create(route.Data);
        var rig = new EngineRig(source);
        foreach (var strategy in new[] { DuplicateStrategy.Merge, DuplicateStrategy.Overwrite, DuplicateStrategy.Skip })
        {
            List<(Tenant Tenant, Guid Job)> jobs = [];
            for (var account = 0; account < accounts; account++)
            {
                var tenant = await rig.NewTenantAsync();
                jobs.Add((tenant, await FileOf(tenant).AddAsync(rig, tenant, strategy)));
                // Half of the rows exist before, so that rows are created and changed.
                await AddContactsAsync(rig, tenant, 1_000);
            }

            await Task.WhenAll(jobs.Select(each => Task.Run(() => rig.RunLaneAsync(each.Tenant, each.Job, Options))));
            foreach (var (tenant, job) in jobs)
            {
                var state = await rig.StateAsync(tenant, job);
                var changed = strategy == DuplicateStrategy.Skip ? "0 1000" : "1000 0";
                Assert.Equal(
                    $"completed 1000 {changed} 0",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{state.Status} {state.Counts.Created} {state.Counts.Updated} {state.Counts.Skipped} {state.Counts.Failed}"));
                Assert.Equal(
                    FileOf(tenant).Emails.Order(StringComparer.Ordinal),
                    (await rig.ListAsync("select email from contacts where account_id = @account", ("account", tenant.Account)))
                        .Order(StringComparer.Ordinal));
            }
        }
    }

    [Theory]
    [InlineData("transaction", PoolerMode.Transaction)]
    [InlineData("session", PoolerMode.Session)]
    public async Task A_start_finds_out_what_lies_between(string mode, PoolerMode found)
    {
        await using var bouncer = await PgBouncer.StartAsync(database.ConnectionString, mode, 4);
        var through = bouncer.Through(database.ConnectionString);

        var route = await DatabaseRoute.FindAsync(through, direct: null, Cancellation);
        Assert.Equal((found, found == PoolerMode.Session), (route.Pooler, route.Sessions is not null));
        var settings = new NpgsqlConnectionStringBuilder(route.Data);
        Assert.Equal(found == PoolerMode.Transaction, settings.NoResetOnClose);

        var both = await DatabaseRoute.FindAsync(through, database.ConnectionString, Cancellation);
        Assert.Equal((found, database.ConnectionString), (both.Pooler, both.Sessions));
    }

    [Fact]
    public async Task Without_a_pooler_a_connection_is_a_session()
    {
        var route = await DatabaseRoute.FindAsync(database.ConnectionString, direct: null, Cancellation);
        Assert.Equal((PoolerMode.None, database.ConnectionString), (route.Pooler, route.Sessions));
    }

    [Fact]
    public async Task What_cannot_carry_the_service_is_refused()
    {
        await using var statement = await PgBouncer.StartAsync(database.ConnectionString, "statement", 4);
        var refused = await Assert.ThrowsAsync<PoolerException>(
            () => DatabaseRoute.FindAsync(statement.Through(database.ConnectionString), direct: null, Cancellation));
        Assert.Contains("statement mode", refused.Message, StringComparison.Ordinal);

        await using var transaction = await PgBouncer.StartAsync(database.ConnectionString, "transaction", 4);
        var through = transaction.Through(database.ConnectionString);
        refused = await Assert.ThrowsAsync<PoolerException>(() => DatabaseRoute.FindAsync(through, through, Cancellation));
        Assert.Contains("DriftwoodDirect", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chunk_whose_rows_name_another_account_is_undone()
    {
        var rig = new EngineRig(database.DataSource);
        var (tenant, other) = (await rig.NewTenantAsync(), await rig.NewTenantAsync());
        var job = await FileOf(tenant).AddAsync(rig, tenant, DuplicateStrategy.Overwrite);
        await AddContactsAsync(rig, tenant, 1_000);
        // A trigger of the database stands in for a defect that stages rows for another account.
        await rig.ExecuteAsync(
            $"""
            create function stray() returns event_trigger language plpgsql as $$
            begin
                if exists (
                    select from pg_event_trigger_ddl_commands()
                    where object_type = 'table' and object_identity like 'pg_temp%stage') then
                    execute 'create function pg_temp.stray() returns trigger language plpgsql as '
                        || quote_literal('begin new.account_id = ''{other.Account}''; return new; end');
                    execute 'create trigger stray before insert on stage for each row execute function pg_temp.stray()';
                end if;
            end $$;
            create event trigger stray on ddl_command_end when tag in ('CREATE TABLE') execute function stray();
            """);
        try
        {
            await rig.RunLaneAsync(tenant, job, Options);
        }
        finally
        {
            await rig.ExecuteAsync("drop event trigger stray");
        }

        Assert.Equal(("failed", 0L), ((await rig.StateAsync(tenant, job)).Status, (await rig.StateAsync(tenant, job)).Processed));
        Assert.Equal(0, await ContactFile.CountAsync(rig, other));
        Assert.Equal(1_000, await ContactFile.CountAsync(rig, tenant));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ContactFile FileOf(Tenant tenant) =>
        new([.. Enumerable.Range(1, 2_000).Select(i => $"c{i}@{tenant.Account:N}.io")], row => $"City {row}");

    private static Task AddContactsAsync(EngineRig rig, Tenant tenant, int count) => rig.ExecuteAsync(
        """
        insert into contacts (account_id, id, email, email_key, created_at, created_by, updated_at, updated_by)
        select @account, gen_random_uuid(), e, e, now(), @owner, now(), @owner
        from unnest(@emails) e
        """,
        ("account", tenant.Account), ("owner", tenant.Owner), ("emails", FileOf(tenant).Emails[..count]));
}
