using System.Text.Json;
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
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.RecycleBin;

/// <summary>Creates the job that brings deleted records back.</summary>
internal sealed class RecordsRestore(NamedRecordsServices services, DriftwoodDb db) : NamedRecordsJob<IRestoreSelection>(services)
{
    /// <summary>The request of a type's own route.</summary>
    internal record TypedRequest : IRestoreSelection
    {
        /// <summary>The deleted records, 1 to 10,000. Or use filter or job.</summary>
        public Guid[]? Ids { get; init; }

        /// <summary>
        /// A tree of conditions on deleted records: on what they held, deleted_at, deleted_by and deleted_by_job; see docs/undo.md.
        /// </summary>
        public JsonElement? Filter { get; init; }

        /// <summary>The import or bulk job that deleted the records last. All of them that are still deleted come back.</summary>
        public Guid? Job { get; init; }

        /// <summary>The required number of records. With any other number, the job changes nothing.</summary>
        public long? ExpectedCount { get; init; }
    }

    internal sealed record Request : TypedRequest, IOfRecordType
    {
        public required string RecordType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new RestoreRules());
    }

    internal sealed class TypedValidator : AbstractValidator<TypedRequest>
    {
        public TypedValidator() => Include(new RestoreRules());
    }

    public static Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordsRestore restore, CancellationToken cancellationToken) =>
        restore.RunAsync(request, request, caller, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (TypedRequest request, Caller caller, RecordsRestore restore, CancellationToken cancellationToken) =>
            restore.RunForAsync(type, request, caller, cancellationToken);

    private protected override BulkJob NewJob(Caller caller, IRestoreSelection named, DateTimeOffset now) => new()
    {
        AccountId = caller.AccountId,
        Id = Guid.CreateVersion7(now),
        Operation = "restore",
        Filter = named.Filter is { ValueKind: JsonValueKind.Object } filter ? filter.GetRawText() : null,
        ExpectedCount = named.ExpectedCount,
        ToFreeze = named.Ids is null,
        Params = named.Job is { } job ? $$"""{"job": "{{job}}"}""" : "{}",
    };

    private protected override async Task<long> StoreTargetsAsync(
        BulkJob job, RecordType type, IRestoreSelection named, CancellationToken cancellationToken)
    {
        if (named.Ids is { } ids) return await StoreAsync(job, type, ids, cancellationToken);
        if (named.Job is { } by)
        {
            if (await DeletedTargets.AnyByAsync(db.Connection(), type, job.AccountId, by, cancellationToken)) return 0;
            throw ApiException.Validation("job", "not_found", $"The change log has no deletion of {type.Key} by the job {by}.");
        }

        List<Fault> faults = [];
        FilterJson.Read(type.WithDeletion(), named.Filter!.Value, faults);
        BulkJobRules.RequireNone(faults);
        return 0;
    }

    private async Task<long> StoreAsync(BulkJob job, RecordType type, Guid[] ids, CancellationToken cancellationToken)
    {
        var (count, unknown) = await DeletedTargets.StoreAsync(db.Connection(), type, job.AccountId, job.Id, ids, cancellationToken);
        if (unknown.Count > 0)
        {
            throw ApiException.Validation([.. unknown.Select(each => new Fault(
                "ids", "not_found", $"The change log has no deletion of {each} with what the record held."))]);
        }

        BulkJobRules.RequireCount(job.ExpectedCount, count);
        return count;
    }
}
