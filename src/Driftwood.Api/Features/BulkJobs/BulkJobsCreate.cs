using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsCreate
{
    internal sealed record Request : IBulkSelection, IHasItems
    {
        /// <summary>The record type of the targets.</summary>
        public required string EntityType { get; init; }

        /// <summary>delete, update or tag; with items update, create or upsert.</summary>
        public required string Operation { get; init; }

        /// <summary>The targets, 1 to 100,000; repeated ids count once. Or external_ids, filter or query.</summary>
        public Guid[]? EntityIds { get; init; }

        /// <summary>The targets by external ID, 1 to 100,000; those alike when normalised count once, those not found fail.</summary>
        public string[]? ExternalIds { get; init; }

        /// <summary>The targets are all records that it finds when the job starts. A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>The same as text, such as SELECT id FROM contacts WHERE city = 'Oslo'.</summary>
        public string? Query { get; init; }

        /// <summary>
        /// Instead of targets, 1 to 10,000 objects of fields that are applied one after the other: update {id or external_id, …}, create
        /// {…}, upsert {…}. What is not mentioned stays, null clears. A bad one fails by itself; see bulk-jobs-results.
        /// </summary>
        public Dictionary<string, JsonElement>[]? Items { get; init; }

        /// <summary>delete: none. update: {"fields": {…}}. tag: {"add": […], "remove": […]} or {"set": […]}. upsert: {"match_on": a match field}, by default the type's first.</summary>
        public JsonElement? Params { get; init; }

        /// <summary>False leaves the job pending until bulk-jobs-start.</summary>
        public bool Start { get; init; } = true;

        /// <summary>How many targets there must be, now and when the job starts; with any other number nothing is done.</summary>
        public long? ExpectedCount { get; init; }

        /// <summary>For people.</summary>
        public string? Name { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new BulkSelectionRules());
            Include(new BulkItemRules());
            RuleFor(r => r.ExpectedCount).GreaterThanOrEqualTo(0);
            RuleFor(r => r.Name).Length(1, 200).Must(name => name?.Contains('\0') != true)
                .WithErrorCode("invalid_characters").WithMessage("Holds a NUL.");
        }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit,
        IOptions<DriftwoodOptions> options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var type = await types.RequireAsync(db, caller, request.EntityType, "entity_type", cancellationToken);
        var (operation, total) = request.Items is { } items
            ? (null, BulkJobItems.Require(request.ExpectedCount, items))
            : await ReadSelectionAsync(request, type, types, records, db, caller, cancellationToken);
        var parameters = request.Items is null ? request.Params : BulkJobItems.ReadParams(type, request.Operation, request.Params);
        await RecordSchemaLock.HoldAsync(db.Connection(), caller.AccountId, type, cancellationToken);
        await BulkJobRules.RequireRoomAsync(db, caller, options.Value.Jobs.MaxActiveJobsPerAccount, cancellationToken);
        if (operation is not null) await BulkJobRules.RequireReferencesAsync(db, caller, operation, type, cancellationToken);
        var now = clock.GetUtcNow();
        var job = NewJob(request, caller, total, parameters, now);
        db.Jobs.Add(job);
        var laneCount = job.BulkJob switch
        {
            { ToFreeze: true } => JobLanes.Most(options.Value.Jobs), // how many it is worth is known once it is frozen
            _ when request.Items is not null => 1, // one after the other is what they mean
            _ => JobLanes.Count(options.Value.Jobs, job.TotalCount),
        };
        var lanes = JobLanes.Add(db, caller.AccountId, job.Id, laneCount, now, isPlanned: job.BulkJob!.ToFreeze);
        await db.SaveChangesAsync(cancellationToken);
        if (request.EntityIds is { } ids) await BulkTargets.FreezeAsync(db.Connection(), caller.AccountId, job.Id, laneCount, ids, cancellationToken);
        if (request.Items is not null) await BulkItems.StoreAsync(db.Connection(), caller.AccountId, job.Id, request.Items, cancellationToken);
        if (request.Start) afterCommit.Add(token => queue.WakeAsync(lanes, token));
        var made = await db.ReadBulkJobWithoutIdsAsync(caller, job.Id, clock, cancellationToken);
        return made with { EntityIds = request.EntityIds, ExternalIds = request.ExternalIds };
    }

    private static Job NewJob(Request request, Caller caller, long total, JsonElement? parameters, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        return new Job
        {
            AccountId = caller.AccountId,
            Id = id,
            Kind = JobKind.Bulk,
            RecordType = request.EntityType,
            Name = request.Name,
            Status = request.Start ? JobStatus.Processing : JobStatus.Pending,
            TotalCount = total,
            CreatedBy = caller.UserId,
            CreatedAt = now,
            UpdatedAt = now,
            StartedAt = request.Start ? now : null,
            BulkJob = new BulkJob
            {
                AccountId = caller.AccountId,
                Id = id,
                Operation = request.Operation,
                EntityIds = request.EntityIds,
                ExternalIds = request.ExternalIds,
                Filter = request.Filter is { ValueKind: JsonValueKind.Object } filter ? filter.GetRawText() : null,
                Query = request.Query,
                ExpectedCount = request.ExpectedCount,
                ToFreeze = request is { EntityIds: null, Items: null },
                Params = parameters is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}",
            },
        };
    }

    /// <summary>The operation, and how many targets there are as far as that is known before they are frozen.</summary>
    private static async Task<(BulkOperation? Operation, long Total)> ReadSelectionAsync(
        Request request, RecordType type, RecordTypeCatalog types, RecordQueries records, DriftwoodDb db, Caller caller, CancellationToken cancellationToken)
    {
        var operation = ReadOperation(type, request);
        var selection = await BulkSelection.ReadAsync(request, type, types, db, caller, cancellationToken);
        if (selection.Listed is not null || request.ExpectedCount is not null || operation.UniqueFieldsSet(type).Any())
        {
            var found = await selection.CountAsync(records, db.Connection(), caller, cancellationToken);
            BulkJobRules.RequireOneForUnique(operation, type, found);
            BulkJobRules.RequireCount(request.ExpectedCount, found);
        }

        return (operation, selection.Listed ?? 0);
    }

    private static BulkOperation ReadOperation(RecordType type, Request request)
    {
        var operation = BulkOperation.Read(type, request.Operation, request.Params ?? default, out var faults);
        return faults.Count == 0
            ? operation!
            : throw ApiException.Validation(faults);
    }
}
