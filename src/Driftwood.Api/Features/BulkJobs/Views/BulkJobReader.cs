using System.Linq.Expressions;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>Reads bulk jobs. Lists leave out the ids that a job was created with: there may be 100,000.</summary>
internal sealed class BulkJobReader(DriftwoodDb db, TimeProvider clock) : JobReader<BulkJobView>(db, clock)
{
    protected override JobKind Kind => JobKind.Bulk;

    protected override string Noun => "bulk job";

    protected override Expression<Func<CountedJob, JobRow<BulkJobView>>> Row => BulkJobRow.WithIds;

    protected override Expression<Func<CountedJob, JobRow<BulkJobView>>> ListedRow => BulkJobRow.Listed;

    /// <summary>For callers that already have the job's lists, or show none.</summary>
    public Task<BulkJobView> ReadWithoutIdsAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        ReadAsync(caller, id, BulkJobRow.WithoutIds, cancellationToken);
}
