using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Jobs;

/// <summary>A job as one query reads it, so that all counters are from the same moment.</summary>
internal abstract record JobRow<TView>
{
    public required Job Job { get; init; }
    public required string CreatedByName { get; init; }
    public required long Processed { get; init; }
    public required long Failed { get; init; }
    public required DateTimeOffset? LanesUpdatedAt { get; init; }

    /// <summary>The later of the job's own time and its lanes' time. Lanes update their counters without the job's row.</summary>
    public DateTimeOffset UpdatedAt => LanesUpdatedAt > Job.UpdatedAt ? LanesUpdatedAt.Value : Job.UpdatedAt;

    public JobPace PaceAt(DateTimeOffset now) => JobPace.Of(Job, Processed, now);

    public abstract TView ToView(DateTimeOffset now);
}
