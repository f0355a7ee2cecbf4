using Driftwood.Api.Platform.Hosting;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;

namespace Driftwood.Api.Features.Jobs;

/// <summary>Into how many lanes a job is split.</summary>
internal static class JobLanes
{
    /// <summary>A lane of fewer rows costs more than it brings: each reads the whole file.</summary>
    private const int RowsPerLane = 20_000;

    /// <summary>More than this many sessions at one table get in each other's way.</summary>
    private const int MostByDefault = 8;

    public static int Count(JobOptions jobs, long rows) => (int)Math.Max(1, Math.Min(Most(jobs), rows / RowsPerLane));

    /// <summary>Those of a job that nobody knows the size of yet.</summary>
    public static int Most(JobOptions jobs) => jobs.LanesPerJob > 0 ? jobs.LanesPerJob : Math.Min(Environment.ProcessorCount, MostByDefault);

    /// <summary>Adds a job's lanes, ready to be claimed; where it <paramref name="isPlanned"/> first, the first one only, and the others wait.</summary>
    /// <returns>The lanes to wake once that is committed.</returns>
    public static IReadOnlyList<LaneRef> Add(DriftwoodDb db, Guid accountId, Guid jobId, int count, DateTimeOffset now, bool isPlanned = false)
    {
        var ready = isPlanned ? 1 : count;
        db.Lanes.AddRange(Enumerable.Range(0, count).Select(number =>
            new Lane
            {
                AccountId = accountId,
                JobId = jobId,
                Number = number,
                Status = number < ready ? LaneStatus.Ready : LaneStatus.Waiting,
                UpdatedAt = now,
            }));
        return [.. Enumerable.Range(0, ready).Select(number => new LaneRef(accountId, jobId, number))];
    }
}
