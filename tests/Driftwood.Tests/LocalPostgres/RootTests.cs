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

    [Fact]
    public async Task Other_users_cannot_hold_the_locks_of_a_start()
    {
        Assert.SkipUnless(IsRoot, "not root");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "setpriv");
        if (OperatingSystem.IsWindows()) return;
        Directory.CreateDirectory(Options.DataDirectory);
        var decision = Path.Combine(Options.DataDirectory, "decision.lock");
        // As earlier versions left it.
        await File.WriteAllTextAsync(decision, "", Ct);
        File.SetUnixFileMode(decision, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Assert.Equal(0, await LockAsNobodyAsync(decision));

        await using (await StartAsync())
        {
            Assert.NotEqual(0, await LockAsNobodyAsync(Path.Combine(Options.DataDirectory, "use.lock")));
        }

        Assert.NotEqual(0, await LockAsNobodyAsync(decision));
    }

    /// <summary>The exit code of a program of another user that takes a lock on a file, which nobody holds.</summary>
    private static async Task<int> LockAsNobodyAsync(string path)
    {
        string[] arguments = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "flock", "--shared", "--nonblock", path, "true"];
        using var program = Process.Start(new ProcessStartInfo("setpriv", arguments) { RedirectStandardError = true })!;
        await program.WaitForExitAsync(Ct);
        return program.ExitCode;
    }

    private static async Task<string> OwnerAsync(string path)
    {
        using var ls = Process.Start(new ProcessStartInfo("ls", ["-ld", path]) { RedirectStandardOutput = true })!;
        return (await ls.StandardOutput.ReadToEndAsync(Ct)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2];
    }
}
