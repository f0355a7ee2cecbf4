using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Driftwood.FaultTests;

/// <summary>The built service in its own process. The test decides how it ends.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    /// <summary>In these tests a process holds a lane for this long after its last sign of life.</summary>
    public const int LeaseSeconds = 3;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(ProcessStartInfo start)
    {
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Exited += (_, _) =>
            _address.TrySetException(new InvalidOperationException($"The service ended: {string.Join('\n', _output)}"));
    }

    /// <summary>The job engine of these tests; null for the default. Nodes inherit it from the environment.</summary>
    public static string? InheritedEngine => Environment.GetEnvironmentVariable("Driftwood__Jobs__Engine");

    /// <summary>Says whether the nodes run lanes without Hangfire, which is the default.</summary>
    public static bool RunsInProcess => InheritedEngine is "in_process";

    public int Id => _process.Id;

    /// <summary>The address that the service listens at.</summary>
    public Uri BaseAddress => _address.Task.Result;

    public bool HasExited => _process.HasExited;

    /// <summary>The standard output and error so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <param name="site">The database and the data directory.</param>
    /// <param name="lanes">The number of lanes of a large job.</param>
    /// <param name="settings">Environment variables that differ from these tests' usual ones, such as <c>Driftwood__Role</c>.</param>
    public static async Task<ServiceProcess> StartAsync(Site site, int lanes = 1, params (string Name, string Value)[] settings)
    {
        ProcessStartInfo start = new(
            "dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "Driftwood.Api.dll"), "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = site.DataDirectory,
        };
        foreach (var (name, value) in Settings(site, lanes).Concat(settings)) start.Environment[name] = value;
        var service = new ServiceProcess(start);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        try
        {
            await service._address.Task.WaitAsync(StartTimeout, TestContext.Current.CancellationToken);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    public HttpClient CreateClient(string token) => new HttpClient { BaseAddress = BaseAddress }.As(token);

    /// <summary>Sends SIGKILL, which acts like a power cut.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends SIGTERM, as a deployment does. Returns the exit code and the time that the end took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var clock = Stopwatch.StartNew();
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, clock.Elapsed);
    }

    /// <summary>Sends a signal by name. <c>STOP</c> stalls the process, and <c>CONT</c> lets it go on.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{name} {Id}")]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private static IEnumerable<(string Name, string Value)> Settings(Site site, int lanes) =>
    [
        ("ConnectionStrings__Driftwood", site.ConnectionString),
        ("Driftwood__DataDirectory", site.DataDirectory),
        ("Driftwood__Uploads__SigningKeys__0__Id", "test"),
        ("Driftwood__Uploads__SigningKeys__0__Secret", "a secret of the tests, 32 characters long"),
        ("Driftwood__Jobs__LeaseSeconds", $"{LeaseSeconds}"),
        ("Driftwood__Jobs__SweepSeconds", "1"),
        ("Driftwood__Jobs__ChunkRows", "1000"),
        ("Driftwood__Jobs__LanesPerJob", $"{lanes}"),
        ("Driftwood__Compat__Fulcrum__Accounts", "*"),
        ("Driftwood__Compat__Zendesk__Accounts", "*"),
        ("Driftwood__Compat__Knock__Accounts", "*"),
        ("Logging__LogLevel__Default", "Warning"),
    ];

    private void Note(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        if (Address().Match(line) is { Success: true } found) _address.TrySetResult(new Uri(found.Value));
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/")]
    private static partial Regex Address();
}
