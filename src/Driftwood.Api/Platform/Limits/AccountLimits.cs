using System.Diagnostics.Metrics;
using System.Globalization;
using System.Threading.RateLimiting;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Limits;

/// <summary>
/// Limits what one account may ask of this node, so that the others stay quick: requests a second, and requests under way, of which an
/// account that keeps the node busy has fewer while others ask. Each node counts for itself. The requests that wait for their turn hold no
/// connection to the database.
/// </summary>
internal sealed class AccountLimits : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly LimitOptions _limits;
    private readonly PartitionedRateLimiter<HttpContext> _rates;
    private readonly AccountUse _use;
    private readonly TimeProvider _clock;
    private readonly Queue[] _ofSearches;
    private readonly Queue[] _ofRequests;
    private readonly Queue[] _ofBusy;
    private readonly Queue _ofNode;
    private readonly UpDownCounter<int> _waits;
    private int _waiting;

    public AccountLimits(LimitOptions limits, ConnectionBudget connections, IMeterFactory meters, TimeProvider clock)
    {
        (_limits, _clock, _use) = (limits, clock, new AccountUse(clock));
        _waits = meters.Create("Driftwood.Limits").CreateUpDownCounter<int>(
            "driftwood.requests.waiting", "{request}", "Requests that wait for their turn.");
        _rates = PartitionedRateLimiter.Create<HttpContext, (Guid, string)>(http =>
        {
            var rate = RateOf(http);
            return RateLimitPartition.GetTokenBucketLimiter((Caller.Of(http).AccountId, rate.Name), _ => BucketOf(rate));
        });
        // Half of a small node is left to the others, whatever the settings say.
        var most = Math.Min(limits.ConcurrentRequests, Math.Max(1, connections.Requests / 2));
        _ofRequests = OfAccount("Too many requests at once.", most);
        // A search waits among searches first, where it holds up no other request of its account.
        _ofSearches = [.. OfAccount("Too many lists, counts and selections at once.", limits.ConcurrentSearches), .. _ofRequests];
        _ofBusy = OfAccount("The account keeps the node busy while others ask too.", limits.BusyRequests);
        _ofNode = OfNode(connections.Requests);
    }

    /// <summary>The number of requests that wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Counts the request and says in its headers how many more are allowed. Repeated requests count too.</summary>
    /// <exception cref="ApiException">429.</exception>
    public void Count(HttpContext http)
    {
        var rate = RateOf(http);
        if (rate.Limit == 0) return;
        using var lease = _rates.AttemptAcquire(http);
        var headers = http.Response.Headers;
        headers[RateLimitHeaders.Limit] = rate.Limit.ToString(CultureInfo.InvariantCulture);
        headers[RateLimitHeaders.Remaining] =
            _rates.GetStatistics(http)!.CurrentAvailablePermits.ToString(CultureInfo.InvariantCulture);
        headers[RateLimitHeaders.Reset] = "1";
        if (!lease.IsAcquired) throw Refusal(ErrorCodes.RateLimited, $"More than {rate.Limit} requests a second {rate.Whose}.");
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
        var isSearch = http.GetEndpoint()?.Metadata.GetMetadata<Search>() is not null;
        var account = Caller.Of(http).AccountId;
        var turn = new Turn(_use, account);
        try
        {
            foreach (var queue in isSearch ? _ofSearches : _ofRequests) turn.Add(await WaitAsync(queue, http, patience.Token));
            // Asked when the turn has come. The requests that queued before the account was known to be busy would pass else.
            if (IsBusyAmongOthers(account))
                foreach (var queue in _ofBusy) turn.Add(await WaitAsync(queue, http, patience.Token));
            turn.Add(await WaitAsync(_ofNode, http, patience.Token));
            turn.Begin(_clock.GetTimestamp());
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
        foreach (var queue in _ofSearches.Concat(_ofBusy).Append(_ofNode)) queue.Limiter.Dispose();
    }

    /// <summary>Notes that the account asks. Says whether it must leave room to others that ask too.</summary>
    private bool IsBusyAmongOthers(Guid account) => _use.IsShared(account) && _use.Of(account) > _limits.BusyRequests / 2.0;

    private static ApiException Refusal(ErrorCode code, string message) => new(code, message) { RetryAfter = Second };

    private async Task<RateLimitLease> WaitAsync(Queue queue, HttpContext http, CancellationToken patience)
    {
        var waiting = queue.Limiter.AcquireAsync(http, 1, patience);
        var waits = !waiting.IsCompleted;
        if (waits) NoteWaiting(1);
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
        finally
        {
            if (waits) NoteWaiting(-1);
        }

        throw Refusal(queue.Code, queue.Message);
    }

    private void NoteWaiting(int change)
    {
        Interlocked.Add(ref _waiting, change);
        _waits.Add(change);
    }

    private Queue[] OfAccount(string reason, int atOnce) => atOnce == 0 ? [] :
    [
        new(
            InTurn(http => Caller.Of(http).AccountId, atOnce, _limits.QueuedRequests), ErrorCodes.RateLimited,
            $"{reason} A node works on at most {atOnce} of an account."),
    ];

    private static Queue OfNode(int atOnce) => new(
        InTurn(_ => Guid.Empty, atOnce, int.MaxValue), ErrorCodes.Overloaded, "This node has more requests than it can work on.");

    private static PartitionedRateLimiter<HttpContext> InTurn(Func<HttpContext, Guid> whose, int atOnce, int waiting) =>
        PartitionedRateLimiter.Create<HttpContext, Guid>(http => RateLimitPartition.GetConcurrencyLimiter(
            whose(http),
            _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = atOnce,
                QueueLimit = waiting,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            }));

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
        TokenLimit = rate.Limit,
        TokensPerPeriod = rate.Limit,
        ReplenishmentPeriod = Second,
    };

    /// <param name="Name">The name of the buckets.</param>
    /// <param name="Limit">Requests a second; 0: any number.</param>
    /// <param name="Whose">Which requests count.</param>
    private readonly record struct Rate(string Name, int Limit, string Whose);

    /// <param name="Limiter">Lets requests in, the longest waiting first.</param>
    /// <param name="Code">The code of a refusal.</param>
    /// <param name="Message">The sentence of a refusal.</param>
    private sealed record Queue(PartitionedRateLimiter<HttpContext> Limiter, ErrorCode Code, string Message);

    private sealed class Turn(AccountUse use, Guid account) : IDisposable
    {
        private readonly List<RateLimitLease> _leases = new(4);
        private long? _start;

        public void Add(RateLimitLease lease) => _leases.Add(lease);

        /// <param name="start">The time stamp from which the turn counts as use.</param>
        public void Begin(long start) => _start = start;

        public void Dispose()
        {
            if (_start is { } start) use.Add(account, start);
            _start = null;
            for (var i = _leases.Count - 1; i >= 0; i--) _leases[i].Dispose();
        }
    }
}
