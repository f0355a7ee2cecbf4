using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Undo;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>Creates the job that brings deleted records back.</summary>
internal sealed class RecordsRestore(NamedRecordsServices services, DriftwoodDb db) : NamedRecordsJob(services)
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

    public static Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordsRestore restore, CancellationToken cancellationToken) =>
        restore.RunAsync(request, request.Ids, caller, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (TypedRequest request, Caller caller, RecordsRestore restore, CancellationToken cancellationToken) =>
            restore.RunForAsync(type, request.Ids, caller, cancellationToken);

    private protected override Job NewJob(Caller caller, RecordType type, Guid[] ids, DateTimeOffset now) =>
        JobsUndo.NewJob(caller, type.Key, "restore", now);

    private protected override async Task<long> StoreTargetsAsync(
        Job job, RecordType type, Guid[] ids, CancellationToken cancellationToken)
    {
        var (count, unknown) = await DeletedTargets.StoreAsync(db.Connection(), type, job.AccountId, job.Id, ids, cancellationToken);
        if (unknown.Count == 0) return count;
        throw ApiException.Validation([.. unknown.Select(each => new Fault(
            "ids", "not_found", $"The change log has no deletion of {each} with what the record held."))]);
    }
}
