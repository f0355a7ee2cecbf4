using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Lanes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Jobs;

/// <summary>Splits jobs into lanes, and wakes the lanes after the request's transaction is committed.</summary>
internal sealed class JobLanes(DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit, IOptions<DriftwoodOptions> options)
{
    /// <summary>A lane with fewer rows costs more than it gains, because each lane reads the whole file.</summary>
    private const int RowsPerLane = 20_000;

    /// <summary>Above this number, sessions that write one table slow each other down.</summary>
    private const int DefaultMax = 8;

    /// <summary>The number of lanes of a job whose size is not known yet.</summary>
    public int Max => options.Value.Jobs.LanesPerJob is > 0 and var set ? set : Math.Min(Environment.ProcessorCount, DefaultMax);

    public int CountFor(long rows) => (int)Math.Max(1, Math.Min(Max, rows / RowsPerLane));

    /// <summary>
    /// Adds a job's lanes. If the job has a first step (<paramref name="isPlanned"/>), only the first lane is ready to be claimed, and the
    /// others wait for it.
    /// </summary>
    /// <returns>The ready lanes.</returns>
    public IReadOnlyList<LaneRef> Add(Guid accountId, Guid jobId, int count, DateTimeOffset now, bool isPlanned = false)
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

    public void WakeAfterCommit(IReadOnlyList<LaneRef> lanes) => afterCommit.Add(token => queue.WakeAsync(lanes, token));

    /// <summary>Wakes the ready lanes of a job that is now processing.</summary>
    public async Task WakeReadyAsync(IQueryable<Job> jobs, CancellationToken cancellationToken) =>
        WakeAfterCommit(await jobs.SelectMany(job => job.Lanes)
            .Where(lane => lane.Status == LaneStatus.Ready)
            .Select(lane => new LaneRef(lane.AccountId, lane.JobId, lane.Number))
            .ToListAsync(cancellationToken));
}
