using Driftwood.Engine.Lanes;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Hangfire;

/// <summary>
/// Hangfire's side of the seam: a job per lane. A lane that waits in the queue is not queued again, so that the sweeper, which
/// lists it every few seconds on every node, does not pile up jobs behind busy workers.
/// </summary>
internal sealed partial class HangfireQueue(JobStorage storage, IBackgroundJobClient jobs, ILogger<HangfireQueue> logger) : ILaneQueue
{
    /// <summary>Jobs beyond this many are not queued before there is room: the sweeper offers their lanes again, the longest waiting first.</summary>
    internal const int MostWaiting = 1000;

    /// <summary>Hangfire's client blocks: on a thread of the pool, not on the caller's.</summary>
    public Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken) =>
        lanes.Count == 0 ? Task.CompletedTask : Task.Run(() => Enqueue(lanes, cancellationToken), cancellationToken);

    private void Enqueue(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken)
    {
        try
        {
            var waiting = ListWaiting();
            foreach (var (account, job, lane) in lanes.Where(waiting.Add))
            {
                if (waiting.Count > MostWaiting) return;
                cancellationToken.ThrowIfCancellationRequested();
                jobs.Create(
                    Job.FromExpression<LaneJob>(laneJob => laneJob.RunAsync(account, job, lane, CancellationToken.None)),
                    new EnqueuedState(HangfireSettings.Queue));
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or BackgroundJobClientException)
        {
            LogNotQueued(lanes.Count, exception.GetBaseException().Message);
        }
    }

    /// <summary>Lanes whose jobs no worker has fetched. What is fetched by now may have been claimed too early, or its worker may be dead.</summary>
    private HashSet<LaneRef> ListWaiting()
    {
        var monitoring = storage.GetMonitoringApi();
        if (monitoring.EnqueuedCount(HangfireSettings.Queue) == 0) return [];
        return [.. monitoring.EnqueuedJobs(HangfireSettings.Queue, 0, MostWaiting).Select(job => LaneOf(job.Value?.Job)).OfType<LaneRef>()];
    }

    private static LaneRef? LaneOf(Job? job) => job?.Args is [Guid account, Guid id, int lane, ..] ? new LaneRef(account, id, lane) : null;

    [LoggerMessage(330, LogLevel.Warning, "{Lanes} lanes may not have been queued, the sweeper will make up for it: {Reason}")]
    private partial void LogNotQueued(int lanes, string reason);
}
