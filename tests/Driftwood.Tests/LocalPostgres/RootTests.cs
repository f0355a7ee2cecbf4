using System.Diagnostics;
using Driftwood.LocalPostgres;
using Xunit;

namespace Driftwood.Tests.LocalPostgres;

/// <summary>Tests the behaviour that differs for root. All other users skip it.</summary>
public sealed class RootTests : ServerTest
{
    private static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    [Fact]
    public async Task Root_hands_the_server_to_another_account()
    {
        Assert.SkipUnless(IsRoot, "not root");
        await using var server = await StartAsync();

        Assert.NotEqual("root", await OwnerAsync(server.ClusterDirectory));
    }

    [Fact]
    public async Task A_directory_closed_to_that_account_has_its_data_elsewhere_and_finds_it_again()
    {
        Assert.SkipUnless(IsRoot, "not root");
        if (OperatingSystem.IsWindows()) return;
        var closed = Options.DataDirectory;
        Directory.CreateDirectory(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Options = Options with { DataDirectory = Path.Combine(closed, "postgres") };
        var first = await StartAsync();
        await ScalarAsync(first, "create table kept as select 7 as n");
        await first.DisposeAsync();

        await using (var second = await StartAsync())
        {
            Assert.False(second.ClusterDirectory.StartsWith(closed, StringComparison.Ordinal));
            Assert.Equal(first.ClusterDirectory, second.ClusterDirectory);
            Assert.Equal(7, await ScalarAsync(second, "select n from kept"));
        }

        // A new container that has only the data directory mounted looks like this.
        Directory.Delete(Path.GetDirectoryName(first.ClusterDirectory)!, recursive: true);
        var anew = await StartAsync();
        Assert.Equal(false, await ScalarAsync(anew, "select to_regclass('kept') is not null"));
        await anew.DisposeAsync();

        Assert.True(await LocalPostgresServer.DeleteAsync(Options, Ct));
        Assert.False(Directory.Exists(anew.ClusterDirectory));
        Directory.Delete(closed, recursive: true);
    }

    private static async Task<string> OwnerAsync(string path)
    {
        using var ls = Process.Start(new ProcessStartInfo("ls", ["-ld", path]) { RedirectStandardOutput = true })!;
        return (await ls.StandardOutput.ReadToEndAsync(Ct)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
    }
}
