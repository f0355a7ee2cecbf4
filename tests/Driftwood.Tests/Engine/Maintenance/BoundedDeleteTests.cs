using Driftwood.Engine.Postgres;

namespace Driftwood.Tests.Engine.Maintenance;

/// <summary>Two rows in different parts of a partitioned or distributed table may have the same place.</summary>
public sealed class BoundedDeleteTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task Rows_of_another_account_at_the_same_place_stay()
    {
        await _rig.ExecuteAsync(
            """
            create table parted (account_id uuid, job_id uuid, n bigint, primary key (account_id, job_id, n))
                partition by hash (account_id);
            create table parted_0 partition of parted for values with (modulus 2, remainder 0);
            create table parted_1 partition of parted for values with (modulus 2, remainder 1);
            insert into parted select a, a, n from (select gen_random_uuid() as a from generate_series(1, 20)) accounts,
                generate_series(1, 40) n
            """);
        var account = Guid.Parse((await _rig.ListAsync("select account_id::text from parted limit 1")).Single());

        var removed = await BoundedDelete.RunAsync(
            database.DataSource, "parted", "n", account, account, 100, TestContext.Current.CancellationToken);

        Assert.Equal(40, removed);
        Assert.Equal(["760"], await _rig.ListAsync("select count(*)::text from parted"));
        Assert.Equal(
            ["0"], await _rig.ListAsync("select count(*)::text from parted where account_id = @account", ("account", account)));
    }

    [Fact]
    public async Task The_first_rows_by_key_go_first()
    {
        await _rig.ExecuteAsync(
            """
            create table rows_of_job (account_id uuid, job_id uuid, n bigint, primary key (account_id, job_id, n));
            insert into rows_of_job select '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', n
            from generate_series(1, 30) n
            """);
        var (account, job) = (new Guid("00000000-0000-0000-0000-000000000001"), new Guid("00000000-0000-0000-0000-000000000002"));

        List<int> removed = [await RemoveAsync(), await RemoveAsync(), await RemoveAsync()];
        Assert.Equal([20, 10, 0], removed);

        Task<int> RemoveAsync() => BoundedDelete.RunAsync(
            database.DataSource, "rows_of_job", "n", account, job, 20, TestContext.Current.CancellationToken);
    }
}
