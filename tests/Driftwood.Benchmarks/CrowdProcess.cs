using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>The process of a <see cref="ClientCrowd"/>.</summary>
internal sealed class CrowdProcess : IDisposable
{
    private readonly Process _process;

    private CrowdProcess(Process process) => _process = process;

    /// <summary>Starts the crowd. It has called each route once when this returns.</summary>
    /// <param name="address">The service's address.</param>
    /// <param name="clients">The clients of the crowd.</param>
    /// <param name="tokens">The greedy account's token, then those of the other accounts.</param>
    public static async Task<CrowdProcess> StartAsync(Uri address, int clients, IEnumerable<string> tokens)
    {
        string[] arguments = [ClientCrowd.Verb, address.OriginalString, clients.ToString(CultureInfo.InvariantCulture), .. tokens];
        var start = new ProcessStartInfo("dotnet", ["exec", typeof(CrowdProcess).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var crowd = new CrowdProcess(Process.Start(start)!);
        await crowd.ReadAsync();
        return crowd;
    }

    /// <summary>Lets the clients call until <see cref="EndAsync"/>.</summary>
    public Task BeginAsync() => TellAsync();

    public async Task<CrowdReport> EndAsync()
    {
        await TellAsync();
        return JsonSerializer.Deserialize<CrowdReport>(await ReadAsync())!;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task TellAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
    }

    private async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The process of the crowd ended.");
}
