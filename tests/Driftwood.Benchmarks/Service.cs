using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>Driftwood's shipped executable in its own process.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Uri _address;

    /// <summary>The directory of the measured program.</summary>
    public static string ProgramDirectory { get; set; } = AppContext.BaseDirectory;

    private Service(Process process, Uri address) => (_process, _address) = (process, address);

    /// <param name="database">The service's database.</param>
    /// <param name="lanes">The lanes of a job and the lanes that run at once; 0 for Driftwood's own choice.</param>
    /// <param name="chunkRows">The rows of a chunk; 0 for Driftwood's own choice.</param>
    /// <param name="role">all, api or worker.</param>
    /// <param name="workers">The lanes that run at once; 0 for as many as <paramref name="lanes"/>.</param>
    /// <param name="serveKnock">Knock's routes are on for all accounts, without its rate tiers.</param>
    /// <param name="limits">Whether the limits by account are as shipped. Else they are lifted.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<Service> StartAsync(
        BenchmarkDatabase database, int lanes = 0, int chunkRows = 0, string role = "all", int workers = 0, bool serveKnock = false,
            bool limits = false, IEnumerable<(string Key, string Value)>? settings = null)
    {
        var address = new Uri($"http://127.0.0.1:{FreePort()}");
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(ProgramDirectory, "Driftwood.Api.dll"), "--urls", address.OriginalString])
        {
            WorkingDirectory = database.Directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__Driftwood"] = database.ConnectionString;
        start.Environment["Driftwood__DataDirectory"] = database.Directory;
        start.Environment["Driftwood__Uploads__SigningKeys__0__Id"] = "bench";
        start.Environment["Driftwood__Uploads__SigningKeys__0__Secret"] = "a key of the benchmark, 32 characters or more";
        if (lanes > 0)
        {
            start.Environment["Driftwood__Jobs__LanesPerJob"] = lanes.ToString(CultureInfo.InvariantCulture);
            start.Environment["Driftwood__Jobs__Workers"] = (workers > 0 ? workers : lanes).ToString(CultureInfo.InvariantCulture);
        }

        start.Environment["Driftwood__Role"] = role;
        if (!limits)
        {
            foreach (var limit in new[] { "ReadsPerSecond", "WritesPerSecond", "ConcurrentRequests", "ConcurrentSearches", "BusyRequests" })
                start.Environment[$"Driftwood__Limits__{limit}"] = "0";
        }

        if (serveKnock)
        {
            start.Environment["Driftwood__Compat__Knock__Accounts"] = "*";
            start.Environment["Driftwood__Compat__Knock__RateTiers"] = "false";
        }

        if (chunkRows > 0) start.Environment["Driftwood__Jobs__ChunkRows"] = chunkRows.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in settings ?? []) start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException("The service did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) Console.Error.WriteLine(text); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await WaitUntilReadyAsync(address, process);
        return new Service(process, address);
    }

    /// <summary>The peak resident memory of the process in MB; 0 if the system does not tell.</summary>
    public double PeakMegabytes => !OperatingSystem.IsLinux()
        ? 0
        : double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..]
                .Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) / 1024;

    /// <summary>The process id. Each value of <c>lanes.owner</c> ends with it.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Where the process listens.</summary>
    public Uri Address => _address;

    public ApiClient Client(string token) => new(_address, token);

    /// <summary>Kills the process like a power cut. Does nothing if the process has ended.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private static async Task WaitUntilReadyAsync(Uri address, Process process)
    {
        using var client = new HttpClient { BaseAddress = address };
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromMinutes(1);)
        {
            if (process.HasExited) throw new InvalidOperationException("The service ended before it was ready.");
            try
            {
                using var answer = await client.GetAsync("readyz");
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // The service does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The service was not ready within a minute.");
    }

    /// <summary>A port on which nothing listens.</summary>
    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
