using System.Linq.Expressions;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>Reads bulk jobs. Only <see cref="ReadAsync"/> returns the ids that a job was created with: there may be 100,000.</summary>
internal sealed class BulkJobReader(DriftwoodDb db, TimeProvider clock) : JobReader<BulkJobView>(db, clock)
{
    protected override JobKind Kind => JobKind.Bulk;

    protected override string Noun => "bulk job";

    protected override Expression<Func<Job, JobRow<BulkJobView>>> Row => BulkJobRow.FromJob;

    protected override Expression<Func<Job, JobRow<BulkJobView>>> ListedRow => BulkJobRow.FromListedJob;

    public override async Task<BulkJobView> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var job = await ReadWithoutIdsAsync(caller, id, cancellationToken);
        // The ids never change, so a separate query cannot disagree with the counters.
        var named = await Of(caller).Where(bulk => bulk.Id == id)
            .Select(bulk => new { bulk.BulkJob!.EntityIds, bulk.BulkJob.ExternalIds })
            .SingleAsync(cancellationToken);
        return job with { EntityIds = named.EntityIds, ExternalIds = named.ExternalIds };
    }

    /// <summary>For callers that already have the job's lists.</summary>
    public Task<BulkJobView> ReadWithoutIdsAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        base.ReadAsync(caller, id, cancellationToken);
}
