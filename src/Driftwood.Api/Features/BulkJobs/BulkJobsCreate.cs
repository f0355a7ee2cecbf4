using System.Text.Json;
using Driftwood.Api.Platform;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsCreate
{
    /// <summary>Ids of one job.</summary>
    public const int MaxIds = 100_000;

    internal sealed record Request : IHasItems
    {
        /// <summary>The record type of the targets.</summary>
        public required string EntityType { get; init; }

        /// <summary>delete, update, tag, or with items update, create or upsert.</summary>
        public required string Operation { get; init; }

        /// <summary>The targets, 1 to 100,000; repeated ids count once.</summary>
        public Guid[]? EntityIds { get; init; }

        /// <summary>
        /// 1 to 10,000 objects of fields, applied one after the other, instead of targets: update {id or external_id, …}, create
        /// {…}, upsert {…}. What is not mentioned stays, null clears. A bad one fails by itself; see bulk-jobs-results.
        /// </summary>
        public Dictionary<string, JsonElement>[]? Items { get; init; }

        /// <summary>delete: none. update: {"fields": {…}}. tag: {"add": […], "remove": […]} or {"set": […]}. upsert: {"match_on": a match field}, by default the type's first.</summary>
        public JsonElement? Params { get; init; }

        /// <summary>For people.</summary>
        public string? Name { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.EntityType).RecordTypeKey();
            Include(new BulkItemRules());
            RuleFor(r => r.EntityIds).NotNull().WithErrorCode("required").WithMessage("Missing: expected entity_ids or items.").When(r => r.Items is null && r.Operation is not ("create" or "upsert"));
            RuleFor(r => r.EntityIds).Null().WithErrorCode("conflict").WithMessage("Found entity_ids and items, expected one of them.").When(r => r.Items is not null);
            RuleFor(r => r.EntityIds).Must(ids => ids is null or { Length: >= 1 and <= MaxIds }).WithErrorCode("out_of_range")
                .WithMessage((_, ids) => $"Found {ids!.Length} ids, expected 1 to {MaxIds}.");
            RuleFor(r => r.Name).Length(1, 200).Must(name => name?.Contains('\0') != true)
                .WithErrorCode("invalid_characters").WithMessage("Holds a NUL.");
        }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit, IOptions<DriftwoodOptions> options,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        var type = await types.RequireAsync(db, caller, request.EntityType, "entity_type", cancellationToken);
        var onItems = request.Items is null ? null : BulkJobItems.ReadOperation(type, request.Operation, request.Params);
        var operation = onItems is null ? ReadOperation(type, request, request.EntityIds!) : null;
        await RecordSchemaLock.HoldAsync(db.Connection(), caller.AccountId, type, cancellationToken);
        await RequireRoomAsync(db, caller, options.Value.Jobs.MaxActiveJobsPerAccount, cancellationToken);
        if (operation is UpdateOperation update) await RequireReferencesAsync(db, caller, type, update.Values, cancellationToken);
        var now = clock.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var targets = request.Items?.Length ?? request.EntityIds!.Distinct().Count();
        var laneCount = onItems is null ? JobLanes.Count(options.Value.Jobs, targets) : BulkJobItems.Lanes;
        var job = NewJob(request, caller, id, targets, onItems, now);
        db.Jobs.Add(job);
        var lanes = JobLanes.Add(db, caller.AccountId, id, laneCount, now);
        await db.SaveChangesAsync(cancellationToken);
        if (request.Items is { } items) await BulkJobItems.StoreAsync(db, job, items, cancellationToken);
        else await BulkTargets.FreezeAsync(db.Connection(), caller.AccountId, id, laneCount, request.EntityIds!, cancellationToken);
        afterCommit.Add(token => queue.WakeAsync(lanes, token));
        return await db.ReadBulkJobAsync(caller, id, clock, cancellationToken);
    }

    private static Job NewJob(Request request, Caller caller, Guid id, long targets, ItemsOperation? onItems, DateTimeOffset now) => new()
    {
        AccountId = caller.AccountId,
        Id = id,
        Kind = JobKind.Bulk,
        RecordType = request.EntityType,
        Name = request.Name,
        Status = JobStatus.Processing,
        TotalCount = targets,
        CreatedBy = caller.UserId,
        CreatedAt = now,
        UpdatedAt = now,
        StartedAt = now,
        BulkJob = new BulkJob
        {
            AccountId = caller.AccountId,
            Id = id,
            Operation = request.Operation,
            EntityIds = request.EntityIds,
            Params = onItems is not null ? onItems.Params : request.Params is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}",
        },
    };

    private static async Task RequireRoomAsync(DriftwoodDb db, Caller caller, int most, CancellationToken cancellationToken)
    {
        // Creates of one account wait for each other here, so that two cannot take the last place together.
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({"bulk-jobs-create " + caller.AccountId}, 0))", cancellationToken);
        var running = await db.BulkJobs(caller)
            .Where(job => job.Status == JobStatus.Pending || job.Status == JobStatus.Processing)
            .OrderBy(job => job.Id)
            .Select(job => job.Id)
            .ToListAsync(cancellationToken);
        if (running.Count < most) return;
        throw ApiException.TooMany(
            "too_many_jobs", $"{running.Count} bulk jobs are queued or running, {most} at most may be: {string.Join(", ", running)}.", TimeSpan.FromSeconds(5));
    }

    private static BulkOperation ReadOperation(RecordType type, Request request, Guid[] ids)
    {
        var operation = BulkOperation.Read(type, request.Operation, request.Params ?? default, out var faults);
        List<ErrorDetail> problems = [.. faults.Select(fault => new ErrorDetail(fault.Path, fault.Code, fault.Message, fault.Accepted))];
        if (operation is UpdateOperation { Values: var values } && ids.Distinct().Skip(1).Any())
        {
            problems.AddRange(type.Fields.Where(field => field.Unique && values[field.Key] is not null).Select(field => new ErrorDetail(
                $"params.fields.{values.PathOf(field)}", "not_unique", "Its values are unique, so it can be set on one record only; there are several ids.")));
        }

        return problems.Count == 0 ? operation! : throw ApiException.Validation(problems);
    }

    private static async Task RequireReferencesAsync(
        DriftwoodDb db, Caller caller, RecordType type, RecordValues values, CancellationToken cancellationToken)
    {
        foreach (var field in type.Columns.Where(field => field.Target is not null && values[field.Key] is not null))
        {
            var id = Guid.Parse(values[field.Key]!);
            if (!await BulkTargets.ExistsAsync(db.Connection(), caller.AccountId, field.Target!, id, cancellationToken))
            {
                throw ApiException.Validation($"params.fields.{field.Key}", "not_found", $"There is no such record in {field.Target}.");
            }
        }
    }
}
