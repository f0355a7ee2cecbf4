using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Rpc;

/// <summary>
/// Limits the requests a second of each account to a route: a bucket that holds what one second allows. Each node counts for itself.
/// </summary>
internal sealed class RateLimits
{
    /// <summary>Above this number, the buckets that are full again are forgotten.</summary>
    private const int MaxIdleBuckets = 10_000;

    private readonly ConcurrentDictionary<(Guid Account, string Route), TokenBucketRateLimiter> _buckets = new();

    /// <summary>Limits a route. The filter is the outermost one, so that repeated requests count too.</summary>
    /// <param name="route">The route.</param>
    /// <param name="name">The name of its buckets.</param>
    /// <param name="limit">Requests a second.</param>
    public void Limit(RouteHandlerBuilder route, string name, int limit) =>
        route.Add(endpoint => endpoint.FilterFactories.Insert(0, (_, next) => context =>
        {
            Take(context.HttpContext, name, limit);
            return next(context);
        }));

    /// <exception cref="ApiException">429.</exception>
    private void Take(HttpContext http, string route, int limit)
    {
        if (_buckets.Count > MaxIdleBuckets) ForgetFull();
        var bucket = _buckets.GetOrAdd((Caller.Of(http).AccountId, route), _ => NewBucket(limit));
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire();
        var headers = http.Response.Headers;
        headers["RateLimit-Limit"] = limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = bucket.GetStatistics()!.CurrentAvailablePermits.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = "1";
        if (lease.IsAcquired) return;
        var message = $"More than {limit} requests a second to this route.";
        throw new ApiException(ErrorCodes.RateLimited, message) { RetryAfter = TimeSpan.FromSeconds(1) };
    }

    private static TokenBucketRateLimiter NewBucket(int limit) => new(new TokenBucketRateLimiterOptions
    {
        AutoReplenishment = false,
        TokenLimit = limit,
        TokensPerPeriod = limit,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
    });

    private void ForgetFull()
    {
        foreach (var (key, bucket) in _buckets)
        {
            bucket.TryReplenish();
            if (bucket.IdleDuration is not null) _buckets.TryRemove(key, out _);
        }
    }
}
