using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Jobs;

/// <summary>How fast a job is, over its whole time so far.</summary>
/// <param name="RowsPerSecond">Null before the first row.</param>
/// <param name="EtaSeconds">Whole seconds to go, rounded up; null while the pace is unknown, and unless the job is processing.</param>
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
