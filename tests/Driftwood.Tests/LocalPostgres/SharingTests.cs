using Driftwood.LocalPostgres;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

public sealed class SharingTests : ServerTest
{
    [Fact]
    public async Task Two_processes_starting_on_an_empty_directory_share_one_server()
    {
        var both = await Task.WhenAll(Holder.StartAsync(Options), Holder.StartAsync(Options));
        using var first = both[0];
        using var second = both[1];

        Assert.Equal(first.ServerProcessId, second.ServerProcessId);
        Assert.Equal(first.Port, second.Port);
        await first.LeaveAsync();
        Assert.True(IsRunning(second.ServerProcessId));
        await second.LeaveAsync();
        await EndedAsync(second.ServerProcessId);
    }

    [Fact]
    public async Task The_last_of_two_instances_in_one_process_stops_the_server()
    {
        var both = await Task.WhenAll(StartAsync(), StartAsync());

        Assert.Equal(both[0].ProcessId, both[1].ProcessId);
        await both[0].DisposeAsync();
        await both[0].DisposeAsync();
        Assert.Equal(1, await ScalarAsync(both[1], "select 1"));
        await both[1].DisposeAsync();
        Assert.Null(both[1].ProcessId);
    }

    [Fact]
    public async Task A_used_directory_is_not_deleted()
    {
        await using var server = await StartAsync();

        Assert.False(await LocalPostgresServer.DeleteAsync(Options, Ct));

        Assert.Equal(1, await ScalarAsync(server, "select 1"));
    }

    [Fact]
    public async Task A_copy_of_a_running_directory_does_not_join_the_original()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "cp");
        await using var server = await StartAsync();
        var copy = Options with { DataDirectory = Options.DataDirectory + "-copy" };
        using (var cp = System.Diagnostics.Process.Start("cp", ["-a", Options.DataDirectory, copy.DataDirectory]))
            await cp.WaitForExitAsync(Ct);
        var joined = new List<string>();

        try
        {
            await using var other = await LocalPostgresServer.StartAsync(
                copy with { StartTimeout = TimeSpan.FromSeconds(1) }, joined.Add, Ct);
            Assert.NotEqual(server.ProcessId, other.ProcessId);
        }
        catch (LocalPostgresException e)
        {
            Assert.Contains("postmaster.pid", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(copy.DataDirectory, recursive: true);
        }
        Assert.DoesNotContain(joined, l => l.StartsWith("Joining", StringComparison.Ordinal));
    }
}
