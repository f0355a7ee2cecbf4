using System.Diagnostics;
using System.Globalization;
using Driftwood.LocalPostgres;

namespace Driftwood.Tests.LocalPostgres;

/// <summary>Another process that uses a server.</summary>
internal sealed class Holder : IDisposable
{
    private readonly Process _process;

    private Holder(Process process, int serverProcessId, int port) =>
        (_process, ServerProcessId, Port) = (process, serverProcessId, port);

    public int ServerProcessId { get; }

    public int Port { get; }

    /// <summary>Returns when the other process has the server.</summary>
    public static async Task<Holder> StartAsync(LocalPostgresOptions options)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory,
            "Driftwood.PostgresHolder" + (OperatingSystem.IsWindows() ? ".exe" : "")),
            [options.DataDirectory, options.PackageDirectory!])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("The holder ended without a server.");
        var numbers = line.Split(' ').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        return new Holder(process, numbers[0], numbers[1]);
    }

    public async Task LeaveAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
    }

    /// <summary>Kills the process with SIGKILL, so none of its handlers runs.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }
}
