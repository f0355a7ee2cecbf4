using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>Creates the job that brings deleted records back.</summary>
internal sealed class RecordsRestore(DriftwoodDb db, BulkJobRules rules, JobLanes lanes, TimeProvider clock)
{
    // The request looks each of them up in the change log.
    private const int MaxIds = 10_000;

    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        /// <summary>The deleted records, 1 to 10,000.</summary>
        public required Guid[] Ids { get; init; }
    }

    /// <summary>The request of a type's own route.</summary>
    internal sealed record TypedRequest
    {
        /// <summary>The deleted records, 1 to 10,000.</summary>
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
        Request request, Caller caller, RecordTypeCatalog types, RecordsRestore restore, BulkJobReader jobs, DriftwoodDb db,
        CancellationToken cancellationToken)
    {
        var type = await types.OfAsync(db, caller, request, cancellationToken);
        return await jobs.ReadWithoutIdsAsync(
            caller, await restore.CreateAsync(type, request.Ids, caller, cancellationToken), cancellationToken);
    }

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordsRestore restore, BulkJobReader jobs, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        {
            var current = await types.OfAsync(db, caller, type, cancellationToken);
            var job = await restore.CreateAsync(current, request.Ids, caller, cancellationToken);
            return await jobs.ReadWithoutIdsAsync(caller, job, cancellationToken);
        };

    private async Task<Guid> CreateAsync(RecordType type, Guid[] ids, Caller caller, CancellationToken cancellationToken)
    {
        await rules.RequireRoomAsync(caller, cancellationToken);
        var job = JobsUndo.NewJob(caller, type.Key, "restore", clock.GetUtcNow());
        var (count, unknown) = await DeletedTargets.StoreAsync(db.Connection(), type, caller.AccountId, job.Id, ids, cancellationToken);
        if (unknown.Count > 0)
        {
            throw ApiException.Validation([.. unknown.Select(each => new Fault(
                "ids", "not_found", $"The change log has no deletion of {each} with what the record held."))]);
        }

        job.TotalCount = count;
        db.Jobs.Add(job);
        lanes.WakeAfterCommit(lanes.Add(caller.AccountId, job.Id, 1, job.UpdatedAt));
        await db.SaveChangesAsync(cancellationToken);
        return job.Id;
    }
}
