using System.Diagnostics;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Api.Platform.Services;
using Driftwood.Data;
using Npgsql;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>
/// The one place where exceptions become answers, and where every request leaves its line in the log: route, status,
/// time and account, never payloads.
/// </summary>
internal sealed partial class ExceptionHandlingMiddleware(RequestDelegate next, ILogger<ExceptionHandlingMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(http);
            await AnswerEmptyAsync(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: there is nobody to answer, and nothing failed.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception)
        {
            await AnswerAsync(http, exception);
        }
        finally
        {
            LogAnswered(http, started);
        }
    }

    private async Task AnswerAsync(HttpContext http, Exception exception)
    {
        var failure = Failures.From(exception);
        if (failure.Status == StatusCodes.Status500InternalServerError)
            LogUnexpected(RouteOf(http), http.TraceIdentifier, exception);
        else if (failure.Status == StatusCodes.Status503ServiceUnavailable)
            LogUnavailable(RouteOf(http), exception.GetBaseException(), http.TraceIdentifier);
        if (failure.Code == ErrorCodes.DatabaseUnavailable && !LacksResources(exception)) ClearPools(http.RequestServices);
        if (http.Response.HasStarted)
        {
            // Half an answer is out; only cutting the connection tells the caller that it is not whole.
            http.Abort();
            return;
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<ServiceDialect>() is { } dialect)
            await dialect.RefusalOf(failure, http).ExecuteAsync(http);
        else
            await Envelope.WriteFailureAsync(http, failure);
    }

    /// <summary>A server without room on its disk, for example, answers, and its connections are sound (class 53 of SQLSTATE).</summary>
    private static bool LacksResources(Exception exception) =>
        exception.GetBaseException() is PostgresException { SqlState: ['5', '3', ..] };

    /// <summary>An outage breaks the idle connections of all pools. Each that stays in its pool fails a request afterwards.</summary>
    private static void ClearPools(IServiceProvider services)
    {
        services.GetRequiredService<NpgsqlDataSource>().Clear();
        services.GetRequiredService<ReservedConnections>().Clear();
    }

    /// <summary>Routing's own refusals have no body.</summary>
    private static Task AnswerEmptyAsync(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
            return Task.CompletedTask;
        return response.StatusCode switch
        {
            404 => Envelope.WriteFailureAsync(http, new ApiException(ErrorCodes.NotFound, "There is no such route.")),
            405 => Envelope.WriteFailureAsync(
                http, new ApiException(ErrorCodes.MethodNotAllowed, $"Found {http.Request.Method}, expected {response.Headers.Allow}.")),
            _ => Task.CompletedTask,
        };
    }

    private void LogAnswered(HttpContext http, long started)
    {
        var route = RouteOf(http);
        var status = http.Response.StatusCode;
        // Probes come every few seconds; only their failures are news.
        var level = status == StatusCodes.Status200OK && Telemetry.IsProbe(route) ? LogLevel.Debug : LogLevel.Information;
        Telemetry.Describe(http, route);
        var milliseconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
        var accountId = http.Features.Get<Caller>()?.AccountId;
        LogAnswered(level, route, status, milliseconds, accountId, http.TraceIdentifier);
    }

    // Never the path as it came: a route's name is from a known set, a path is whatever a stranger typed.
    private static string RouteOf(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "(none)";

    [LoggerMessage(EventId = 1000, Message = "{Route} answered {Status} in {Milliseconds} ms, account {AccountId}, request {RequestId}")]
    private partial void LogAnswered(
        LogLevel level, string route, int status, double milliseconds, Guid? accountId, string requestId);

    [LoggerMessage(1001, LogLevel.Error, "{Route} failed unexpectedly, request {RequestId}")]
    private partial void LogUnexpected(string route, string requestId, Exception exception);

    // The cause in one line: an outage is no place for a stack trace a request.
    private void LogUnavailable(string route, Exception cause, string requestId) =>
        LogUnavailable(route, cause.GetType().Name, cause.Message, requestId);

    [LoggerMessage(1002, LogLevel.Warning, "{Route} could not use the database: {Kind}: {Reason}, request {RequestId}")]
    private partial void LogUnavailable(string route, string kind, string reason, string requestId);
}
