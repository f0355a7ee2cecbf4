using System.Diagnostics;

namespace Driftwood.Api.Platform;

/// <summary>
/// The one place where exceptions become answers, and where every request leaves its line in the log: route, status,
/// time and account, never payloads.
/// </summary>
internal sealed partial class Edge(RequestDelegate next, ILogger<Edge> logger)
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
            LogUnexpected(RouteOf(http), exception);
        else if (failure.Status == StatusCodes.Status503ServiceUnavailable)
            LogUnavailable(RouteOf(http), exception.GetType().Name, exception.Message);
        if (http.Response.HasStarted)
        {
            // Half an answer is out; only cutting the connection tells the caller that it is not whole.
            http.Abort();
            return;
        }

        await Envelope.WriteFailureAsync(http, failure);
    }

    /// <summary>Routing's own refusals have no body.</summary>
    private static Task AnswerEmptyAsync(HttpContext http)
    {
        var response = http.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength is not null)
            return Task.CompletedTask;
        return response.StatusCode switch
        {
            404 => Envelope.WriteFailureAsync(http, new ApiException(404, "not_found", "There is no such route.")),
            405 => Envelope.WriteFailureAsync(http, new ApiException(
                405, "method_not_allowed", $"Found {http.Request.Method}, expected {response.Headers.Allow}.")),
            _ => Task.CompletedTask,
        };
    }

    private void LogAnswered(HttpContext http, long started)
    {
        var milliseconds = Math.Round(Stopwatch.GetElapsedTime(started).TotalMilliseconds, 1);
        LogAnswered(RouteOf(http), http.Response.StatusCode, milliseconds, http.Features.Get<Caller>()?.AccountId);
    }

    // Never the path as it came: a route's name is from a known set, a path is whatever a stranger typed.
    private static string RouteOf(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "(none)";

    [LoggerMessage(1000, LogLevel.Information, "{Route} answered {Status} in {Milliseconds} ms, account {AccountId}")]
    private partial void LogAnswered(string route, int status, double milliseconds, Guid? accountId);

    [LoggerMessage(1001, LogLevel.Error, "{Route} failed unexpectedly")]
    private partial void LogUnexpected(string route, Exception exception);

    [LoggerMessage(1002, LogLevel.Warning, "{Route} could not reach the database: {Kind}: {Reason}")]
    private partial void LogUnavailable(string route, string kind, string reason);
}
