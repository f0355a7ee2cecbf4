using Microsoft.Extensions.Logging;

namespace Driftwood.Engine.Lanes;

/// <summary>A job that has just been settled: its last lane ended.</summary>
/// <param name="AccountId">The job's account.</param>
/// <param name="JobId">The job.</param>
/// <param name="Kind">import, bulk or maintenance.</param>
/// <param name="Status">completed, failed, cancelled, or paused, which is no end for good.</param>
/// <param name="Counts">The outcomes of all lanes.</param>
/// <param name="Duration">The time since the job was started; pauses count.</param>
public sealed record JobEnd(Guid AccountId, Guid JobId, string Kind, string Status, LaneCounts Counts, TimeSpan Duration);

/// <summary>The line that the log has for each job's end, and its metric.</summary>
public static partial class JobEndLog
{
    /// <summary>Logs the end and counts it.</summary>
    public static void Note(ILogger logger, JobEnd end)
    {
        LaneMetrics.JobsEnded.Add(1, new("kind", end.Kind), new("status", end.Status));
        LaneMetrics.JobDuration.Record(end.Duration.TotalSeconds, new("kind", end.Kind), new("status", end.Status));
        var counts = end.Counts;
        LogEnded(
            logger, end.Kind, end.JobId, end.AccountId, end.Status, end.Duration.TotalSeconds, counts.Created, counts.Updated,
            counts.Deleted, counts.Skipped, counts.Failed);
    }

    [LoggerMessage(
        210,
        LogLevel.Information,
        "The {Kind} job {JobId} of account {AccountId} is {Status} after {Seconds:0.0} s: {Created} created, {Updated} updated, "
            + "{Deleted} deleted, {Skipped} skipped, {Failed} failed")]
    private static partial void LogEnded(
        ILogger logger, string kind, Guid jobId, Guid accountId, string status, double seconds, long created, long updated, long deleted,
        long skipped, long failed);
}
