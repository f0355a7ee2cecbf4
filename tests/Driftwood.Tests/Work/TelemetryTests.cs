using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Engine.Lanes;
using Driftwood.Tests.Features.Imports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Driftwood.Tests.Work;

/// <summary>One node answers, another runs the lanes. Both are whole, and share nothing but the database and the files.</summary>
public sealed class TelemetryTests(PostgresServer server) : IAsyncLifetime
{
    private const string Value = "Fjordmark";
    private const int Rows = 1_000;

    private readonly TemporaryDatabase _database = new(server);
    private readonly string _files = Directory.CreateTempSubdirectory("driftwood-telemetry-").FullName;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("hangfire")]
    [InlineData("in_process")]
    public async Task One_trace_leads_from_the_confirmation_to_the_last_chunk_in_another_node(string engine)
    {
        using var traces = new Traces();
        await using var api = await StartAsync(("Driftwood:Role", "api"), ("Driftwood:Jobs:Engine", engine));
        await using var worker = await StartAsync(("Driftwood:Role", "worker"), ("Driftwood:Jobs:Engine", engine));
        using var client = api.CreateClient((await api.CreateAccountAsync()).Token);
        var id = await client.UploadedAsync(Csv());
        var trace = ActivityTraceId.CreateRandom();
        var mapping = new { email = "email", first_name = "first_name" };
        _ = (await client.PostAsync("imports-confirm", new { id, column_mapping = mapping }, Parent(trace))).Result;
        Assert.Equal($"completed {Rows}: {Rows}/0/0/0", ImportSteps.Outcome(await client.FinishAsync(id)));

        var lanes = await Eventually.GetAsync(
            () => Task.FromResult(traces.Lanes(id)), found => found.Any(lane => $"{lane.GetTagItem("driftwood.lane.end")}" == "Completed"));
        Assert.All(lanes, lane => Assert.Equal(trace, lane.TraceId));
        var chunks = traces.Of("driftwood.chunk").Where(chunk => lanes.Any(lane => lane.SpanId == chunk.ParentSpanId)).ToList();
        Assert.All(chunks, chunk => Assert.Equal(trace, chunk.TraceId));
        Assert.Equal(Rows, chunks.Sum(chunk => (int)chunk.GetTagItem("driftwood.chunk.rows")!));
        var request = Assert.Single(traces.Of("POST imports-confirm"), activity => activity.TraceId == trace);
        Assert.Equal((trace, request.SpanId), (request.TraceId, lanes[0].ParentSpanId));
        Assert.Equal(200, request.GetTagItem("http.response.status_code"));
        Assert.DoesNotContain(traces.Words(trace), word => word.Contains(Value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_is_started_later_runs_in_the_trace_of_its_start()
    {
        using var traces = new Traces();
        await using var node = await StartAsync();
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        var contact = (await client.PostAsync("contacts-create", new { first_name = Value })).Result.Id();
        var body = new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact }, start = false };
        var id = (await client.PostAsync("bulk-jobs-create", body, Parent(ActivityTraceId.CreateRandom()))).Result.Id();
        var trace = ActivityTraceId.CreateRandom();
        _ = (await client.PostAsync("bulk-jobs-start", new { id }, Parent(trace))).Result;
        var lanes = await Eventually.GetAsync(
            () => Task.FromResult(traces.Lanes(id)), found => found.Any(lane => $"{lane.GetTagItem("driftwood.lane.end")}" == "Completed"));
        Assert.All(lanes, lane => Assert.Equal(trace, lane.TraceId));
        Assert.NotEmpty(traces.Of("driftwood.chunk"));
    }

    [Fact]
    public async Task Metrics_of_a_whole_node_are_read_as_Prometheus_reads_them()
    {
        await using var node = await StartAsync(("Driftwood:Telemetry:Prometheus", "true"));
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        var job = await client.ImportAsync(Csv());
        Assert.Equal("completed", job.Text("status"));
        await node.Services.GetRequiredService<JobFigures>().RunAsync(CancellationToken);
        string[] expected =
        [
            "driftwood_rows_total{", "outcome=\"created\"", "driftwood_chunk_duration_seconds_bucket{", "step=\"apply\"", "step=\"read\"",
            "driftwood_lanes_oldest_wait_seconds", "driftwood_lanes{", "state=\"expired\"", "driftwood_jobs_ended_total{",
            "http_server_request_duration_seconds_bucket{", "kestrel_active_connections", "db_client_connection_count{",
            "dotnet_process_memory_working_set_bytes", "driftwood_maintenance_duration_seconds_bucket{",
        ];
        using var stranger = node.CreateClient();
        // The endpoint answers with figures that may be some milliseconds old.
        var text = await Eventually.GetAsync(
            () => stranger.GetStringAsync(new Uri("/metrics", UriKind.Relative), CancellationToken),
            found => expected.All(name => found.Contains(name, StringComparison.Ordinal)));
        Assert.All(expected, name => Assert.Contains(name, text, StringComparison.Ordinal));
        Assert.DoesNotContain(Value, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_of_jobs_are_those_of_the_database()
    {
        await using var node = await StartAsync(("Driftwood:Telemetry:Prometheus", "true"), ("Driftwood:Role", "api"));
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
        var contact = (await client.PostAsync("contacts-create", new { first_name = Value })).Result.Id();
        foreach (var start in (bool[])[true, true, false])
        {
            var body = new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact }, start };
            _ = (await client.PostAsync("bulk-jobs-create", body)).Result;
        }

        await node.Services.GetRequiredService<JobFigures>().RunAsync(CancellationToken);
        using var stranger = node.CreateClient();
        // The node counts too. A count of its own that began before the jobs were made may be published after this one.
        var text = await Eventually.GetAsync(
            () => stranger.GetStringAsync(new Uri("/metrics", UriKind.Relative), CancellationToken),
            found => Figures(found, "driftwood_jobs{") is [_, _]);
        string Figure(string name, params string[] labels) => Assert.Single(Figures(text, name, labels));
        Assert.Equal("2", Figure("driftwood_jobs{", "kind=\"bulk\"", "status=\"processing\""));
        Assert.Equal("1", Figure("driftwood_jobs{", "kind=\"bulk\"", "status=\"pending\""));
        Assert.Equal("2", Figure("driftwood_lanes{", "state=\"waiting\""));
        Assert.Equal("0", Figure("driftwood_lanes{", "state=\"running\""));
        Assert.NotEqual("0", Figure("driftwood_lanes_oldest_wait_seconds"));
    }

    [Fact]
    public async Task Metrics_and_traces_are_sent_to_a_collector()
    {
        var received = new ConcurrentBag<(string Path, string Body)>();
        await using var collector = await StartCollectorAsync(received);
        await using (var node = await StartAsync(
            ("Driftwood:Telemetry:Otlp", collector.Urls.First()), ("Driftwood:Telemetry:OtlpProtocol", "http")))
        {
            using var client = node.CreateClient((await node.CreateAccountAsync()).Token);
            Assert.Equal("completed", (await client.ImportAsync(Csv())).Text("status"));
            using var stranger = node.CreateClient();
            Assert.Equal(HttpStatusCode.OK, (await stranger.GetAsync(new Uri("/healthz", UriKind.Relative), CancellationToken)).StatusCode);
        }

        string Sent(string path) => string.Concat(received.Where(each => each.Path == path).Select(each => each.Body));
        Assert.Contains("driftwood.rows", Sent("/v1/metrics"), StringComparison.Ordinal);
        var traces = Sent("/v1/traces");
        Assert.Contains("driftwood.chunk", traces, StringComparison.Ordinal);
        Assert.Contains("POST imports-confirm", traces, StringComparison.Ordinal);
        string[] unwanted = [Value, "insert into", "select ", "healthz", "/uploads/", "signature"];
        Assert.All(unwanted, text => Assert.DoesNotContain(text, traces, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Without_a_setting_there_are_no_metrics_to_read()
    {
        await using var node = await StartAsync();
        using var stranger = node.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        (await stranger.AskAsync(request)).Expect(HttpStatusCode.NotFound, "not_found");
    }

    [Theory]
    [InlineData("Driftwood:Telemetry:Otlp", "collector")]
    [InlineData("Driftwood:Telemetry:OtlpProtocol", "udp")]
    public void A_wrong_setting_is_named(string setting, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new(setting, value)]).Build();
        var services = new ServiceCollection();
        services.AddTelemetry(services.AddDriftwoodOptions(configuration).Telemetry);
        using var provider = services.BuildServiceProvider();
        var refused = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value);
        Assert.Contains(setting, refused.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    /// <summary>The values of a metric's lines that have all the labels.</summary>
    private static string[] Figures(string text, string name, params string[] labels) => [.. text.Split('\n')
        .Where(line => line.StartsWith(name, StringComparison.Ordinal))
        .Where(line => labels.All(label => line.Contains(label, StringComparison.Ordinal)))
        .Select(line => line.Split(' ')[1])];

    private static string Csv() =>
        "email,first_name\n" + string.Concat(Enumerable.Range(0, Rows).Select(row => $"a{row}@example.com,{Value}\n"));

    private static (string, string) Parent(ActivityTraceId trace) => ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

    private async Task<DriftwoodApp> StartAsync(params (string Key, string Value)[] settings) => await DriftwoodApp.StartAsync(
        _database.ConnectionString,
        [
            ("Driftwood:DataDirectory", _files), ("Driftwood:Jobs:ChunkRows", "250"), ("Driftwood:Jobs:SweepSeconds", "1"),
            .. settings,
        ]);

    private static async Task<WebApplication> StartCollectorAsync(ConcurrentBag<(string Path, string Body)> received)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var collector = builder.Build();
        collector.Run(async http =>
        {
            using var reader = new StreamReader(http.Request.Body, Encoding.Latin1);
            received.Add((http.Request.Path, await reader.ReadToEndAsync(http.RequestAborted)));
        });
        await collector.StartAsync(CancellationToken);
        return collector;
    }

    /// <summary>Everything that ends in this process while it listens, in other tests too.</summary>
    private sealed class Traces : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _ended = [];
        private readonly ActivityListener _listener;

        public Traces()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name is LaneTraces.SourceName or "Microsoft.AspNetCore",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IReadOnlyList<Activity> Of(string name) => [.. _ended.Where(activity => activity.DisplayName == name)];

        public IReadOnlyList<Activity> Lanes(Guid job) =>
            [.. Of("driftwood.lane").Where(lane => $"{lane.GetTagItem("driftwood.job.id")}" == $"{job}")];

        public IEnumerable<string> Words(ActivityTraceId trace) => _ended.Where(activity => activity.TraceId == trace)
            .SelectMany(activity => activity.TagObjects.Select(tag => $"{tag.Value}"));

        public void Dispose() => _listener.Dispose();
    }
}
