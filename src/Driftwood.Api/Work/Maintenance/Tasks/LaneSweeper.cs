using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Lanes;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// Wakes lanes that nobody holds and settles jobs whose last worker died. It is the outbox, the retry and the recovery, whichever
/// engine runs the lanes.
/// </summary>
internal sealed class LaneSweeper(LaneTable lanes, ILaneQueue queue, IOptions<DriftwoodOptions> options, ILogger<LaneSweeper> logger)
    : IMaintenanceTask
{
    public string Name => "lane_sweeper";

    /// <summary><c>Driftwood:Jobs:SweepSeconds</c>: how long a lane waits whose wake-up was lost.</summary>
    public TimeSpan Interval { get; } = TimeSpan.FromSeconds(options.Value.Jobs.SweepSeconds);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        // Settling comes first: it may make lanes ready.
        var settled = await lanes.SettleForgottenAsync(cancellationToken);
        foreach (var end in settled) JobEndLog.Note(logger, end);
        var claimable = await lanes.ListClaimableAsync(cancellationToken);
        await queue.WakeAgainAsync(claimable, cancellationToken);
        return settled.Count + claimable.Count;
    }
}
