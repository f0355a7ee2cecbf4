using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Jobs;

/// <summary>The average speed of a job over its whole time so far.</summary>
/// <param name="RowsPerSecond">Null before the first row.</param>
/// <param name="EtaSeconds">Remaining seconds, rounded up; null while the pace is unknown or the job is not processing.</param>
internal readonly record struct JobPace(double? RowsPerSecond, long? EtaSeconds)
{
    public static JobPace Of(Job job, long processed, DateTimeOffset now)
    {
        if (job.StartedAt is not { } startedAt || processed == 0) return default;
        var seconds = Math.Max(((job.CompletedAt ?? now) - startedAt).TotalSeconds, 0.001);
        var pace = processed / seconds;
        var left = (long)Math.Ceiling((job.TotalCount - processed) / pace);
        return new JobPace(Math.Round(pace, 1), job.Status == JobStatus.Processing ? left : null);
    }
}
