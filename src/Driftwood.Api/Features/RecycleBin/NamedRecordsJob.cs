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
/// <typeparam name="T">How the request names the records.</typeparam>
internal abstract class NamedRecordsJob<T>(NamedRecordsServices services)
{
    /// <summary>Creates the job for a request that names the record type.</summary>
    public async Task<BulkJobView> RunAsync(IOfRecordType request, T named, Caller caller, CancellationToken cancellationToken) =>
        await RunAsync(await services.Types.OfAsync(services.Db, caller, request, cancellationToken), named, caller, cancellationToken);

    /// <summary>Creates the job for a request of the type's own route.</summary>
    public async Task<BulkJobView> RunForAsync(RecordType type, T named, Caller caller, CancellationToken cancellationToken) =>
        await RunAsync(await services.Types.OfAsync(services.Db, caller, type, cancellationToken), named, caller, cancellationToken);

    private protected abstract BulkJob NewJob(Caller caller, T named, DateTimeOffset now);

    /// <summary>
    /// Stores the targets in the request's transaction, and returns their number: 0 if the job's first step finds them. It also refuses
    /// what the account's records or changes do not allow.
    /// </summary>
    private protected abstract Task<long> StoreTargetsAsync(BulkJob job, RecordType type, T named, CancellationToken cancellationToken);

    private async Task<BulkJobView> RunAsync(RecordType type, T named, Caller caller, CancellationToken cancellationToken)
    {
        await services.Rules.RequireRoomAsync(caller, cancellationToken);
        var now = services.Clock.GetUtcNow();
        var job = JobsUndo.NewJob(caller, type.Key, now, NewJob(caller, named, now));
        job.TotalCount = await StoreTargetsAsync(job.BulkJob!, type, named, cancellationToken);
        services.Db.Jobs.Add(job);
        services.Lanes.WakeAfterCommit(services.Lanes.Add(caller.AccountId, job.Id, 1, job.UpdatedAt));
        await services.Db.SaveChangesAsync(cancellationToken);
        return await services.Jobs.ReadWithoutIdsAsync(caller, job.Id, cancellationToken);
    }
}
