namespace Driftwood.Api.Platform.Limits;

/// <summary>
/// How much each account has used of this node in the last seconds: the time that its requests were worked on. An older request counts
/// less. So a burst of requests counts little, and an account that keeps the node busy is known.
/// </summary>
internal sealed class AccountUse(TimeProvider clock)
{
    /// <summary>A use counts e times less each time this has passed.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Seconds of use that are forgotten.</summary>
    private const double Negligible = 0.01;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, Use> _uses = [];

    // The account that asked last, and the one that asked last of all others.
    private (Guid Account, long At)? _last;
    private (Guid Account, long At)? _lastOther;
    private long _forgotAt = clock.GetTimestamp();

    /// <summary>The accounts whose use is remembered.</summary>
    public int Remembered
    {
        get
        {
            lock (_lock) return _uses.Count;
        }
    }

    /// <summary>Notes that the account asks. Says whether another one has asked within the window.</summary>
    public bool IsShared(Guid account)
    {
        var now = clock.GetTimestamp();
        lock (_lock)
        {
            if (_last is { } last && last.Account != account) _lastOther = last;
            _last = (account, now);
            return _lastOther is { } other && clock.GetElapsedTime(other.At, now) < Window;
        }
    }

    /// <summary>The requests that the account has had under way in the mean, over the window.</summary>
    public double Of(Guid account)
    {
        var now = clock.GetTimestamp();
        lock (_lock) return _uses.TryGetValue(account, out var use) ? Decayed(use, now) / Window.TotalSeconds : 0;
    }

    /// <summary>Adds a request that began its turn at a time stamp of the clock and has ended.</summary>
    public void Add(Guid account, long start)
    {
        var now = clock.GetTimestamp();
        // The older part of a long request counts less too.
        var seconds = Window.TotalSeconds * (1 - Math.Exp(-clock.GetElapsedTime(start, now) / Window));
        lock (_lock)
        {
            _uses[account] = new Use((_uses.TryGetValue(account, out var use) ? Decayed(use, now) : 0) + seconds, now);
            if (clock.GetElapsedTime(_forgotAt, now) > Window) Forget(now);
        }
    }

    private double Decayed(Use use, long now) => use.Seconds * Math.Exp(-clock.GetElapsedTime(use.At, now) / Window);

    private void Forget(long now)
    {
        _forgotAt = now;
        foreach (var (account, use) in _uses)
        {
            if (Decayed(use, now) < Negligible) _uses.Remove(account);
        }
    }

    /// <param name="Seconds">The time used, as it counted then.</param>
    /// <param name="At">When it was counted, a time stamp of the clock.</param>
    private readonly record struct Use(double Seconds, long At);
}
