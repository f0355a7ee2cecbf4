using System.Diagnostics;
using Driftwood.Engine.Lanes;
using Microsoft.AspNetCore.Http.Features;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>Metrics and traces for the outside, by OpenTelemetry. A node without a setting for them exports nothing.</summary>
internal static class Telemetry
{
    public const string MetricsRoute = "metrics";

    private const string ServiceName = "driftwood";

    /// <summary>Driftwood's own, HTTP, the pools of connections, and the runtime.</summary>
    private static readonly string[] Meters =
    [
        "Driftwood.*", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "Npgsql", "System.Runtime",
    ];

    public static void AddTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        if (options is { Otlp: null, Prometheus: false }) return;
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(ServiceName, serviceInstanceId: Instance()))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Meters);
                if (options.Prometheus) metrics.AddPrometheusExporter();
            });
        // A wrong setting is named when the node starts.
        if (options.Otlp is not { IsAbsoluteUri: true } collector) return;
        // Statements are no part of traces: their text is nobody's business outside, and there are many.
        telemetry.WithTracing(traces => traces.AddSource("Microsoft.AspNetCore", LaneTraces.SourceName));
        telemetry.UseOtlpExporter(options.OtlpProtocol == "http" ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc, collector);
    }

    public static void MapMetrics(this IEndpointRouteBuilder app, TelemetryOptions options)
    {
        if (options.Prometheus) app.MapPrometheusScrapingEndpoint("/metrics").WithName(MetricsRoute);
    }

    /// <summary>Whether the route is asked every few seconds by machines, so that its successes are no news.</summary>
    public static bool IsProbe(string route) => route is "healthz" or "readyz" or MetricsRoute;

    /// <summary>
    /// Says in the request's activity what it was: never the path, which may hold ids of other services' records. Probes have no trace.
    /// </summary>
    public static void Describe(HttpContext http, string route)
    {
        if (http.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } activity) return;
        activity.DisplayName = $"{http.Request.Method} {route}";
        activity.SetTag("http.request.method", http.Request.Method)
            .SetTag("http.route", route)
            .SetTag("http.response.status_code", http.Response.StatusCode)
            .SetTag("driftwood.request.id", http.TraceIdentifier);
        if (http.Response.StatusCode >= StatusCodes.Status500InternalServerError) activity.SetStatus(ActivityStatusCode.Error);
        if (IsProbe(route)) activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    private static string Instance() => $"{Environment.MachineName}/{Environment.ProcessId}";
}
