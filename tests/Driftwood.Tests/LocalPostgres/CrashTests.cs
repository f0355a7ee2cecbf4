using Driftwood.LocalPostgres;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

public sealed class CrashTests : ServerTest
{
    [Fact]
    public async Task A_killed_owner_leaves_a_server_that_the_next_start_takes_over_and_stops()
    {
        using var owner = await Holder.StartAsync(Options);
        await owner.KillAsync();
        Assert.True(IsRunning(owner.ServerProcessId));

        var next = await StartAsync();

        Assert.Equal(owner.ServerProcessId, next.ProcessId);
        await next.DisposeAsync();
        await EndedAsync(owner.ServerProcessId);
    }

    [Fact]
    public async Task A_killed_sharer_does_not_keep_the_server_from_stopping()
    {
        await using var owner = await StartAsync();
        using var sharer = await Holder.StartAsync(Options);
        await sharer.KillAsync();
        Assert.Equal(1, await ScalarAsync(owner, "select 1"));

        await owner.DisposeAsync();

        await EndedAsync(sharer.ServerProcessId);
    }

    [Fact]
    public async Task A_killed_postmaster_is_started_again_on_its_data_and_port()
    {
        // Disposable data may lose the commits of the last half second.
        Options = Options with { Profile = LocalPostgresProfile.Durable };
        await using var first = await StartAsync();
        await ScalarAsync(first, "create table kept as select 7 as n");
        var killed = first.ProcessId!.Value;
        await KillAsync(killed);
        Assert.True(File.Exists(Path.Combine(first.ClusterDirectory, "postmaster.pid")));

        await using var second = await StartAsync();

        Assert.NotEqual(killed, second.ProcessId);
        // The first instance's connection string works again.
        Assert.Equal(7, await ScalarAsync(first, "select n from kept"));
    }

    [Fact]
    public async Task Owner_and_postmaster_killed_together_leave_nothing_in_the_way()
    {
        using var owner = await Holder.StartAsync(Options);
        // The owner still lives and reaps its killed child. Then the owner is killed too.
        await KillAsync(owner.ServerProcessId);
        await owner.KillAsync();

        await using var next = await StartAsync();

        Assert.NotEqual(owner.ServerProcessId, next.ProcessId);
        Assert.Equal(1, await ScalarAsync(next, "select 1"));
    }

    [Fact]
    public async Task An_interrupted_first_start_leaves_no_half_made_cluster()
    {
        Directory.CreateDirectory(Path.Combine(Options.DataDirectory, "cluster-interrupted", "data", "base"));

        await using var server = await StartAsync();

        Assert.Equal(1, await ScalarAsync(server, "select 1"));
        Assert.Empty(Directory.GetDirectories(Options.DataDirectory, "cluster-*"));
    }
}
