namespace Driftwood.Api.Features.Jobs;

/// <summary>How fast a job goes, over its whole time so far.</summary>
/// <param name="RowsPerSecond">Null before the first row.</param>
/// <param name="EtaSeconds">Whole seconds to go, rounded up; null while the pace is unknown.</param>
internal readonly record struct JobPace(double? RowsPerSecond, long? EtaSeconds)
{
    public static JobPace Of(long processed, long total, DateTimeOffset? startedAt, DateTimeOffset? completedAt, DateTimeOffset now)
    {
        if (startedAt is null || processed == 0) return default;
        var seconds = Math.Max(((completedAt ?? now) - startedAt.Value).TotalSeconds, 0.001);
        var pace = processed / seconds;
        return new JobPace(Math.Round(pace, 1), (long)Math.Ceiling((total - processed) / pace));
    }
}
