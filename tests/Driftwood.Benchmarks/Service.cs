using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>Driftwood as it is shipped: its executable as a process of its own, spoken to through the public API.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client;

    private Service(Process process, HttpClient client) => (_process, _client) = (process, client);

    public static async Task<Service> StartAsync(string connectionString, string dataDirectory, string token)
    {
        var port = FreePort();
        var url = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Driftwood.Api.dll"), "--urls", url])
        {
            WorkingDirectory = dataDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__Driftwood"] = connectionString;
        start.Environment["Driftwood__DataDirectory"] = dataDirectory;
        start.Environment["Driftwood__Uploads__SigningKeys__0__Id"] = "bench";
        start.Environment["Driftwood__Uploads__SigningKeys__0__Secret"] = "a key of the benchmark, 32 characters or more";
        var process = Process.Start(start) ?? throw new InvalidOperationException("The service did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (line.Data is { } text) Console.Error.WriteLine(text); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var client = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromMinutes(30) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await WaitUntilReadyAsync(client, process);
        return new Service(process, client);
    }

    /// <summary>Peak resident memory of the process, MB; 0 where the system does not tell.</summary>
    public double PeakMegabytes => !OperatingSystem.IsLinux()
        ? 0
        : double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..].Replace("kB", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture) / 1024;

    /// <summary>From the first byte of the PUT to <c>completed</c>.</summary>
    public async Task<TimeSpan> ImportAsync(string path, string strategy)
    {
        var upload = await CallAsync("imports-request-upload", new { model_type = "contacts", file_name = "contacts.csv", content_type = "text/csv" });
        var id = upload.GetProperty("job_id").GetGuid();
        var clock = Stopwatch.StartNew();
        await using (var file = File.OpenRead(path))
        {
            using var content = new StreamContent(file);
            content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
            using var answer = await _client.PutAsync(new Uri(upload.GetProperty("signed_url").GetString()!), content);
            answer.EnsureSuccessStatusCode();
        }

        var preview = (await CallAsync("imports-complete-upload", new { id })).GetProperty("preview");
        await CallAsync("imports-confirm", new { id, column_mapping = preview.GetProperty("suggested_mapping"), duplicate_strategy = strategy });
        while (true)
        {
            var job = await CallAsync("imports-get", new { id });
            switch (job.GetProperty("status").GetString())
            {
                case "completed" when job.GetProperty("failed_count").GetInt64() == 0: return clock.Elapsed;
                case "processing": await Task.Delay(20); break;
                default: throw new InvalidOperationException($"The import ended badly: {job}");
            }
        }
    }

    /// <summary>The result of a call that succeeds.</summary>
    public async Task<JsonElement> CallAsync(string route, object body)
    {
        using var answer = await _client.PostAsJsonAsync($"api/{route}", body);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return answer.IsSuccessStatusCode ? json.GetProperty("result") : throw new InvalidOperationException($"{route}: {json}");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task WaitUntilReadyAsync(HttpClient client, Process process)
    {
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
                // It does not listen yet.
            }

            await Task.Delay(100);
        }

        throw new TimeoutException("The service was not ready within a minute.");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
