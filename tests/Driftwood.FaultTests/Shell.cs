using System.Diagnostics;

namespace Driftwood.FaultTests;

/// <summary>Runs other programs of the machine.</summary>
internal static class Shell
{
    public static async Task RunAsync(string command, params string[] arguments) =>
        Assert.True(await TryAsync(command, arguments), $"{command} {string.Join(' ', arguments)} failed.");

    /// <summary>Runs a program. Returns false when it failed.</summary>
    public static async Task<bool> TryAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0;
    }
}
