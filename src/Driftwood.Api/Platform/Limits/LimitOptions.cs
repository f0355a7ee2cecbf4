namespace Driftwood.Api.Platform.Limits;

/// <summary>
/// Section <c>Driftwood:Limits</c>: what one account may ask of a node. Each node counts for itself. 0 lifts a rate, or the limit of
/// what is under way.
/// </summary>
internal sealed class LimitOptions
{
    /// <summary>
    /// Requests a second that need the scope <c>read</c>. A client that reads page after page is let through.
    /// </summary>
    public int ReadsPerSecond { get; set; } = 500;

    /// <summary>All other requests a second. Whoever has more to change sends bulk jobs.</summary>
    public int WritesPerSecond { get; set; } = 200;

    /// <summary>
    /// Requests under way: twice the node's cores, 4 to 8. More of one account would not be faster, since they share the cores.
    /// </summary>
    public int ConcurrentRequests { get; set; } = Math.Clamp(2 * Environment.ProcessorCount, 4, 8);

    /// <summary>
    /// Lists, counts and selections under way, which may make the database look at every record. They count as requests too. Two on a node
    /// of one or two cores, else three.
    /// </summary>
    public int ConcurrentSearches { get; set; } = Math.Clamp(Environment.ProcessorCount, 2, 3);

    /// <summary>
    /// Requests under way of an account that keeps the node busy while others ask: half of the cores, 1 to 4. It keeps the node busy if it
    /// had half as many under way in the mean of the last ten seconds.
    /// </summary>
    public int BusyRequests { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 4);

    /// <summary>Requests that wait for their turn. A further one is refused at once.</summary>
    public int QueuedRequests { get; set; } = 200;

    /// <summary>How long a request waits for its turn before it is refused.</summary>
    public int QueueSeconds { get; set; } = 10;
}
