using System.Threading.Channels;

namespace Driftwood.Api.Work;

/// <summary>
/// Wakes this node's idle workers. Signals beyond what the workers can take are dropped: a worker that ends a lane looks for the next by
/// itself.
/// </summary>
internal sealed class LaneSignal
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Wakes up to <paramref name="lanes"/> workers.</summary>
    public void Set(int lanes)
    {
        for (var i = 0; i < lanes; i++) _signals.Writer.TryWrite(true);
    }

    /// <summary>Returns when there may be a lane to claim.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) => await _signals.Reader.ReadAsync(cancellationToken);
}
