using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Driftwood.FaultTests;

/// <summary>The built service as a process of its own, ended as the test likes.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    /// <summary>How long a lane is held after the last sign of life, in the processes of these tests.</summary>
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

    /// <summary>The job engine that these tests are run with, as nodes inherit their environment; null: the default.</summary>
    public static string? InheritedEngine => Environment.GetEnvironmentVariable("Driftwood__Jobs__Engine");

    /// <summary>Whether the nodes run lanes without Hangfire, the default.</summary>
    public static bool RunsInProcess => InheritedEngine is "in_process";

    public int Id => _process.Id;

    /// <summary>Where it listens.</summary>
    public Uri BaseAddress => _address.Task.Result;

    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote so far, standard output and error.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <param name="site">Database and data directory.</param>
    /// <param name="lanes">Lanes of a large job.</param>
    /// <param name="settings">Environment variables that differ from the usual ones of these tests, such as <c>Driftwood__Role</c>.</param>
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

    /// <summary>As a power cut does it: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As a deployment does it: SIGTERM; the result is the exit code and how long it took.</summary>
    public async Task<(int ExitCode, TimeSpan Took)> TerminateAsync()
    {
        var clock = Stopwatch.StartNew();
        await SignalAsync("TERM");
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (_process.ExitCode, clock.Elapsed);
    }

    /// <summary>Sends a signal by name: <c>STOP</c> and <c>CONT</c> stall it and let it go on.</summary>
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
