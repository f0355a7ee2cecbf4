using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace Driftwood.Benchmarks;

/// <summary>What the clients of one kind were answered, and how long they waited.</summary>
/// <param name="name">What the table calls them.</param>
internal sealed class ClientAnswers(string name)
{
    // A 503 is by design only with one of the codes that docs/errors.md has for it.
    private static readonly string[] Unavailable = ["overloaded", "database_busy", "database_unavailable", "storage_unavailable"];

    private readonly ConcurrentDictionary<HttpStatusCode, int> _statuses = new();
    private readonly ConcurrentDictionary<string, int> _defects = new();
    private readonly ConcurrentDictionary<string, HttpStatusCode> _routes = new();
    private readonly Latencies _times = new();

    /// <summary>The answers that must not be, and how many there were of each.</summary>
    public IReadOnlyDictionary<string, int> Defects => _defects;

    /// <summary>The routes that answered, each with its lowest status.</summary>
    public IReadOnlyDictionary<string, HttpStatusCode> Routes => _routes;

    /// <param name="route">The name of the route.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="text">The body of an answer that is a failure.</param>
    /// <param name="time">From the request to the whole answer.</param>
    public void Add(string route, HttpStatusCode status, string text, TimeSpan time)
    {
        _statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
        _routes.AddOrUpdate(route, status, (_, lowest) => status < lowest ? status : lowest);
        lock (_times) _times.Add(time);
        var isByDesign = status == HttpStatusCode.ServiceUnavailable
            && Unavailable.Any(code => text.Contains($"\"{code}\"", StringComparison.Ordinal));
        // Every client has a token, which it keeps.
        var isDefect = status == HttpStatusCode.Unauthorized || ((int)status >= 500 && !isByDesign);
        if (isDefect) AddDefect($"{route}: {(int)status} {text[..Math.Min(text.Length, 200)]}");
    }

    /// <summary>Notes an answer that did not come.</summary>
    public void AddDefect(string text) => _defects.AddOrUpdate(text, 1, (_, count) => count + 1);

    public override string ToString()
    {
        var statuses = _statuses.OrderBy(pair => pair.Key)
            .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{(int)pair.Key}: {pair.Value:N0}"));
        return $"{name,-8} {_times}; {string.Join(", ", statuses)}";
    }
}
