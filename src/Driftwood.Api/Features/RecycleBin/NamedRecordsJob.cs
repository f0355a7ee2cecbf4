using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>What every job about records that a request names needs.</summary>
internal sealed record NamedRecordsServices(
    DriftwoodDb Db, BulkJobRules Rules, JobLanes Lanes, BulkJobReader Jobs, RecordTypeCatalog Types, TimeProvider Clock);

/// <summary>Creates bulk jobs of one lane about the records that a request names.</summary>
internal abstract class NamedRecordsJob(NamedRecordsServices services)
{
    /// <summary>Creates the job for a request that names the record type.</summary>
    public async Task<BulkJobView> RunAsync(IOfRecordType request, Guid[] ids, Caller caller, CancellationToken cancellationToken) =>
        await RunAsync(await services.Types.OfAsync(services.Db, caller, request, cancellationToken), ids, caller, cancellationToken);

    /// <summary>Creates the job for a request of the type's own route.</summary>
    public async Task<BulkJobView> RunForAsync(RecordType type, Guid[] ids, Caller caller, CancellationToken cancellationToken) =>
        await RunAsync(await services.Types.OfAsync(services.Db, caller, type, cancellationToken), ids, caller, cancellationToken);

    private protected abstract Job NewJob(Caller caller, RecordType type, Guid[] ids, DateTimeOffset now);

    /// <summary>Stores the targets in the request's transaction, and returns their number.</summary>
    private protected abstract Task<long> StoreTargetsAsync(Job job, RecordType type, Guid[] ids, CancellationToken cancellationToken);

    private async Task<BulkJobView> RunAsync(RecordType type, Guid[] ids, Caller caller, CancellationToken cancellationToken)
    {
        await services.Rules.RequireRoomAsync(caller, cancellationToken);
        var job = NewJob(caller, type, ids, services.Clock.GetUtcNow());
        job.TotalCount = await StoreTargetsAsync(job, type, ids, cancellationToken);
        services.Db.Jobs.Add(job);
        services.Lanes.WakeAfterCommit(services.Lanes.Add(caller.AccountId, job.Id, 1, job.UpdatedAt));
        await services.Db.SaveChangesAsync(cancellationToken);
        return await services.Jobs.ReadWithoutIdsAsync(caller, job.Id, cancellationToken);
    }
}
