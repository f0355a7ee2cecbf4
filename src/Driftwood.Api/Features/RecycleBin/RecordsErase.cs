using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>Creates the job that deletes records with all that is kept of them.</summary>
internal sealed class RecordsErase(NamedRecordsServices services, DriftwoodDb db) : NamedRecordsJob<Guid[]>(services)
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

    public static Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordsErase erase, CancellationToken cancellationToken) =>
        erase.RunAsync(request, request.Ids, caller, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (TypedRequest request, Caller caller, RecordsErase erase, CancellationToken cancellationToken) =>
            erase.RunForAsync(type, request.Ids, caller, cancellationToken);

    private protected override BulkJob NewJob(Caller caller, Guid[] named, DateTimeOffset now) => new()
    {
        AccountId = caller.AccountId,
        Id = Guid.CreateVersion7(now),
        Operation = "erase",
        EntityIds = named,
        Params = "{}",
    };

    private protected override Task<long> StoreTargetsAsync(
        BulkJob job, RecordType type, Guid[] named, CancellationToken cancellationToken) =>
        new IdTargets(type, named).StoreAsync(db.Connection(), job.AccountId, job.Id, 1, cancellationToken);
}
