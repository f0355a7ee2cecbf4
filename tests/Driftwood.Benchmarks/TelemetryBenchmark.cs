using System.Globalization;
using System.Net;

namespace Driftwood.Benchmarks;

/// <summary>
/// Imports without telemetry and with all of it, in turn: metrics and traces are sent to a collector, and metrics are read as Prometheus
/// reads them. The collector, which keeps nothing, and the reader run on the same machine.
/// </summary>
internal static class TelemetryBenchmark
{
    // More often than an operator would.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="rows">The number of rows in the file.</param>
    /// <param name="repeat">The number of runs of each way.</param>
    public static async Task RunAsync(int rows, int repeat)
    {
        await using var collector = Collector.Start();
        await using var database = await BenchmarkDatabase.StartAsync();
        await new PairedImports(database, rows).RunAsync(
            repeat,
            new NodeSetup("without"),
            new NodeSetup(
                "with",
                ("Driftwood:Telemetry:Otlp", collector.Address),
                ("Driftwood:Telemetry:OtlpProtocol", "http"),
                ("Driftwood:Telemetry:Prometheus", "true"),
                ("OTEL_METRIC_EXPORT_INTERVAL", Interval.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
                ("OTEL_BSP_SCHEDULE_DELAY", Interval.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)))
            {
                Beside = ScrapeAsync,
            });
        if (collector.Traces == 0 || collector.Metrics == 0)
            throw new InvalidOperationException($"The collector got {collector.Traces} traces and {collector.Metrics} metrics.");
    }

    private static async Task ScrapeAsync(Service service, CancellationToken ended)
    {
        using var client = new HttpClient();
        try
        {
            while (true)
            {
                await client.GetStringAsync(new Uri(service.Address, "metrics"), ended);
                await Task.Delay(Interval, ended);
            }
        }
        catch (OperationCanceledException)
        {
            // The import has ended.
        }
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _answering;
        private int _traces;
        private int _metrics;

        private Collector(string address)
        {
            Address = address;
            _listener.Prefixes.Add(address + "/");
            _listener.Start();
            _answering = AnswerAsync();
        }

        public string Address { get; }

        /// <summary>The number of answered posts of traces.</summary>
        public int Traces => _traces;

        /// <summary>The number of answered posts of metrics.</summary>
        public int Metrics => _metrics;

        public static Collector Start() => new($"http://127.0.0.1:{Service.FreePort()}");

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _answering;
            ((IDisposable)_listener).Dispose();
        }

        private async Task AnswerAsync()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    await context.Request.InputStream.CopyToAsync(Stream.Null);
                    if (context.Request.RawUrl == "/v1/traces") _traces++;
                    if (context.Request.RawUrl == "/v1/metrics") _metrics++;
                    context.Response.Close();
                }
                catch (HttpListenerException)
                {
                    // The listener has stopped, or a node has ended while it was sending.
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }
}
