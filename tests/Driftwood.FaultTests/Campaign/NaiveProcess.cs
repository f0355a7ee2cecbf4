using System.Diagnostics;
using System.Globalization;

namespace Driftwood.FaultTests.Campaign;

/// <summary>A naive worker in its own process. Disposing kills it.</summary>
internal sealed class NaiveProcess : IDisposable
{
    private readonly Process _process;

    private NaiveProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public static NaiveProcess Start(Site site, TimeSpan lease) => new(Process.Start(new ProcessStartInfo("dotnet",
    [
        "exec", typeof(NaiveProcess).Assembly.Location, NaiveWorker.Verb,
        site.ConnectionString, Path.Combine(site.DataDirectory, "uploads"), lease.TotalSeconds.ToString(CultureInfo.InvariantCulture),
    ]))!);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
