using System.Globalization;
using System.Threading.RateLimiting;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Limits;

/// <summary>
/// Limits what one account may ask of this node, so that the others stay quick: requests a second, and requests under way. Each node
/// counts for itself. The requests that wait for their turn hold no connection to the database.
/// </summary>
internal sealed class AccountLimits : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly LimitOptions _limits;
    private readonly int _mostRequests;
    private readonly PartitionedRateLimiter<HttpContext> _rates;
    private readonly PartitionedRateLimiter<HttpContext> _searches;
    private readonly PartitionedRateLimiter<HttpContext> _requests;
    private readonly ConcurrencyLimiter _node;

    public AccountLimits(LimitOptions limits, ConnectionBudget connections)
    {
        _limits = limits;
        _rates = PartitionedRateLimiter.Create<HttpContext, (Guid, string)>(http =>
        {
            var rate = RateOf(http);
            return RateLimitPartition.GetTokenBucketLimiter((Caller.Of(http).AccountId, rate.Name), _ => BucketOf(rate));
        });
        // Half of a small node is left to the others, whatever the settings say.
        _mostRequests = Math.Min(_limits.ConcurrentRequests, Math.Max(1, connections.Requests / 2));
        _searches = InTurn(_limits.ConcurrentSearches);
        _requests = InTurn(_mostRequests);
        _node = new ConcurrencyLimiter(Turns(connections.Requests, int.MaxValue));
    }

    /// <summary>Counts the request and says in its headers how many more are allowed. Repeated requests count too.</summary>
    /// <exception cref="ApiException">429.</exception>
    public void Count(HttpContext http)
    {
        var rate = RateOf(http);
        if (rate.Limit == 0) return;
        using var lease = _rates.AttemptAcquire(http);
        var headers = http.Response.Headers;
        headers["RateLimit-Limit"] = rate.Limit.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Remaining"] = _rates.GetStatistics(http)!.CurrentAvailablePermits.ToString(CultureInfo.InvariantCulture);
        headers["RateLimit-Reset"] = "1";
        if (!lease.IsAcquired) throw Refused($"More than {rate.Limit} requests a second {rate.Whose}.");
    }

    /// <summary>Waits for the request's turn.</summary>
    /// <returns>The turn. It ends when it is disposed of.</returns>
    /// <exception cref="ApiException">
    /// 429 if the account has too many requests, and 503 if all accounts together have, for longer than a caller is left to wait.
    /// </exception>
    public async Task<IDisposable> EnterAsync(HttpContext http)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(_limits.QueueSeconds));
        var turn = new Turn();
        try
        {
            // A search waits among searches first, where it holds up no other request of its account.
            if (http.GetEndpoint()?.Metadata.GetMetadata<Search>() is not null && _limits.ConcurrentSearches > 0)
            {
                var waiting = _searches.AcquireAsync(http, 1, patience.Token);
                turn.Add(await TakeAsync(waiting, http, () => TooMany("lists, counts and selections", _limits.ConcurrentSearches)));
            }

            if (_mostRequests > 0)
            {
                var waiting = _requests.AcquireAsync(http, 1, patience.Token);
                turn.Add(await TakeAsync(waiting, http, () => TooMany("requests", _mostRequests)));
            }

            turn.Add(await TakeAsync(_node.AcquireAsync(1, patience.Token), http, () => Overloaded));
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _rates.Dispose();
        _searches.Dispose();
        _requests.Dispose();
        _node.Dispose();
    }

    private static ApiException Overloaded =>
        new(ErrorCodes.Overloaded, "This node has more requests than it can work on.") { RetryAfter = Second };

    private static ApiException TooMany(string what, int atOnce) =>
        Refused($"Too many {what} at once. A node works on at most {atOnce} of an account.");

    private static ApiException Refused(string message) => new(ErrorCodes.RateLimited, message) { RetryAfter = Second };

    private static async Task<RateLimitLease> TakeAsync(ValueTask<RateLimitLease> waiting, HttpContext http, Func<ApiException> refusal)
    {
        try
        {
            var lease = await waiting;
            if (lease.IsAcquired) return lease;
            lease.Dispose();
        }
        catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
        {
            // It has waited long enough.
        }

        throw refusal();
    }

    private PartitionedRateLimiter<HttpContext> InTurn(int atOnce) => PartitionedRateLimiter.Create<HttpContext, Guid>(
        http => RateLimitPartition.GetConcurrencyLimiter(
            Caller.Of(http).AccountId, _ => Turns(Math.Max(1, atOnce), _limits.QueuedRequests)));

    private static ConcurrencyLimiterOptions Turns(int atOnce, int waiting) =>
        new() { PermitLimit = atOnce, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };

    private Rate RateOf(HttpContext http)
    {
        var metadata = http.GetEndpoint()!.Metadata;
        if (metadata.GetMetadata<RouteRate>() is { } own) return new Rate(own.Name, own.Limit, "to this route");
        return metadata.GetRequiredMetadata<RequiredScope>().Scope == Scopes.Read
            ? new Rate("reads", _limits.ReadsPerSecond, "that read")
            : new Rate("writes", _limits.WritesPerSecond, "that write");
    }

    // A partition's bucket is filled by its limiter's timer.
    private static TokenBucketRateLimiterOptions BucketOf(Rate rate) => new()
    {
        AutoReplenishment = false,
        TokenLimit = Math.Max(1, rate.Limit),
        TokensPerPeriod = Math.Max(1, rate.Limit),
        ReplenishmentPeriod = Second,
    };

    /// <param name="Name">The name of the buckets.</param>
    /// <param name="Limit">Requests a second; 0: any number.</param>
    /// <param name="Whose">Which requests count.</param>
    private readonly record struct Rate(string Name, int Limit, string Whose);

    private sealed class Turn : IDisposable
    {
        private readonly List<RateLimitLease> _leases = new(3);

        public void Add(RateLimitLease lease) => _leases.Add(lease);

        public void Dispose()
        {
            for (var i = _leases.Count - 1; i >= 0; i--) _leases[i].Dispose();
        }
    }
}
