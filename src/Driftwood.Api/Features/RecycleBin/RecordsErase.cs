using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>Creates the job that deletes records with all that is kept of them.</summary>
internal sealed class RecordsErase(DriftwoodDb db, BulkJobRules rules, JobLanes lanes, TimeProvider clock)
{
    // All stored files of the account are searched for each of them.
    private const int MaxIds = 1_000;

    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        /// <summary>The records, deleted or not, 1 to 1,000.</summary>
        public required Guid[] Ids { get; init; }
    }

    /// <summary>The request of a type's own route.</summary>
    internal sealed record TypedRequest
    {
        /// <summary>The records, deleted or not, 1 to 1,000.</summary>
        public required Guid[] Ids { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(request => request.Ids).AreUpTo(MaxIds);
    }

    internal sealed class TypedValidator : AbstractValidator<TypedRequest>
    {
        public TypedValidator() => RuleFor(request => request.Ids).AreUpTo(MaxIds);
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordsErase erase, BulkJobReader jobs, DriftwoodDb db,
        CancellationToken cancellationToken)
    {
        var type = await types.OfAsync(db, caller, request, cancellationToken);
        return await jobs.ReadAsync(caller, await erase.CreateAsync(type, request.Ids, caller, cancellationToken), cancellationToken);
    }

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordsErase erase, BulkJobReader jobs, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        {
            var current = await types.OfAsync(db, caller, type, cancellationToken);
            var job = await erase.CreateAsync(current, request.Ids, caller, cancellationToken);
            return await jobs.ReadAsync(caller, job, cancellationToken);
        };

    private async Task<Guid> CreateAsync(RecordType type, Guid[] ids, Caller caller, CancellationToken cancellationToken)
    {
        await rules.RequireRoomAsync(caller, cancellationToken);
        var job = JobsUndo.NewJob(caller, type.Key, "erase", clock.GetUtcNow(), erased: ids);
        var targets = new IdTargets(type, ids);
        job.TotalCount = targets.Listed!.Value;
        db.Jobs.Add(job);
        lanes.WakeAfterCommit(lanes.Add(caller.AccountId, job.Id, 1, job.UpdatedAt));
        await db.SaveChangesAsync(cancellationToken);
        await targets.StoreAsync(db.Connection(), caller.AccountId, job.Id, 1, cancellationToken);
        return job.Id;
    }
}
