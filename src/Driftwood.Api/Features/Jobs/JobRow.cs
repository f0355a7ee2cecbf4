using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Jobs;

/// <summary>The sums over a job's lanes.</summary>
internal sealed record LaneSums
{
    /// <summary>Of a job without lanes.</summary>
    public static readonly LaneSums None = new();

    public long Processed { get; init; }
    public long Created { get; init; }
    public long Updated { get; init; }
    public long Skipped { get; init; }
    public long Failed { get; init; }
    public long Warned { get; init; }

    /// <summary>The latest time of a lane.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>A job with the sums over its lanes. Each kind of job makes its <see cref="JobRow{TView}"/> of it.</summary>
internal sealed record CountedJob
{
    public required Job Job { get; init; }

    /// <summary>Null while the job has no lanes.</summary>
    public required LaneSums? Lanes { get; init; }
}

/// <summary>A job as one query reads it, so that all counters are from the same moment.</summary>
internal abstract record JobRow<TView>
{
    public required Job Job { get; init; }
    public required string CreatedByName { get; init; }

    /// <summary>Null while the job has no lanes.</summary>
    public required LaneSums? Lanes { get; init; }

    public LaneSums Sums => Lanes ?? LaneSums.None;

    /// <summary>The later of the job's own time and its lanes' time. Lanes update their counters without the job's row.</summary>
    public DateTimeOffset UpdatedAt => Sums.UpdatedAt > Job.UpdatedAt ? Sums.UpdatedAt : Job.UpdatedAt;

    public JobPace PaceAt(DateTimeOffset now) => JobPace.Of(Job, Sums.Processed, now);

    public abstract TView ToView(DateTimeOffset now);
}
