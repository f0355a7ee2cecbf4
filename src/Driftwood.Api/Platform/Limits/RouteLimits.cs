namespace Driftwood.Api.Platform.Limits;

/// <summary>Endpoint metadata: the route may make the database look at every record of the account.</summary>
internal sealed record Search;

/// <summary>
/// Endpoint metadata: the handler takes its turn itself, with <see cref="AccountLimits.EnterAsync"/>, once it has received a large body. A
/// slow caller so keeps no turn from others.
/// </summary>
internal sealed record OwnTurn;

/// <summary>Endpoint metadata: the route has a rate of its own, which another service promises its clients.</summary>
/// <param name="Name">The name of its buckets.</param>
/// <param name="Limit">Requests a second.</param>
internal sealed record RouteRate(string Name, int Limit);

/// <summary>Headers of answers that say how many requests a second the account may still send.</summary>
internal static class RateLimitHeaders
{
    public const string Limit = "RateLimit-Limit";
    public const string Remaining = "RateLimit-Remaining";
    public const string Reset = "RateLimit-Reset";
}

/// <summary>How routes say which limits they need.</summary>
internal static class RouteLimits
{
    /// <summary>The route lists, counts or selects by a condition of the caller.</summary>
    public static RouteHandlerBuilder Searches(this RouteHandlerBuilder route) => route.WithMetadata(new Search());
}
