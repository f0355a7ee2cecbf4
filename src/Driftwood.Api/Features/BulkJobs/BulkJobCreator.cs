using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>What a job has before it is created, because something of the same id stood for it until then.</summary>
/// <param name="Id">The job's id.</param>
/// <param name="CreatedAt">The time of creation that callers see.</param>
internal sealed record GivenJob(Guid Id, DateTimeOffset CreatedAt);

/// <summary>Creates bulk jobs for every route that needs one.</summary>
internal sealed class BulkJobCreator(BulkSelections selections, BulkJobRules rules, JobLanes lanes, DriftwoodDb db, TimeProvider clock)
{
    /// <summary>Creates the job in the request's transaction.</summary>
    /// <param name="request">A request that passed its validator.</param>
    /// <param name="caller">The caller, whose account owns the job.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <param name="given">The job's id and time of creation; null for new ones.</param>
    /// <param name="needsNoCount">The caller's program does not know <c>expected_count</c>, so it is not required.</param>
    /// <returns>The job's id.</returns>
    /// <exception cref="ApiException">409, 422 or 429.</exception>
    public async Task<Guid> CreateAsync(
        BulkJobsCreate.Request request, Caller caller, CancellationToken cancellationToken, GivenJob? given = null,
        bool needsNoCount = false)
    {
        caller.RequireScopeFor(request.Operation);
        var type = await selections.RequireTypeAsync(request, caller, cancellationToken);
        var operation = request.Items is null ? Read(BulkOperation.Read, type, request) : null;
        var parameters = operation is null ? Read(ItemsOperation.Read, type, request).Params : ParamsOf(request);
        var targets = await ReadTargetsAsync(request, type, operation, caller, cancellationToken);
        if (targets is IRecordTargets found && request is { ExpectedCount: null, Start: true } && !needsNoCount)
            await rules.RequireConfirmedAsync(request.Operation, found, caller, cancellationToken);
        await RecordSchemaLock.HoldAsync(db.Connection(), caller.AccountId, type, cancellationToken);
        await rules.RequireRoomAsync(caller, cancellationToken);
        if (operation is not null) await rules.RequireNoFaultAsync(operation, caller, cancellationToken);
        var job = NewJob(request, targets, parameters, caller, given);
        db.Jobs.Add(job);
        // After the job has resolved its targets, it opens as many lanes as it needs.
        var count = targets.AreOrdered ? 1 : targets.AreResolvedByJob ? lanes.Max : lanes.CountFor(job.TotalCount);
        var ready = lanes.Add(caller.AccountId, job.Id, count, job.UpdatedAt, isPlanned: targets.AreResolvedByJob);
        await db.SaveChangesAsync(cancellationToken);
        if (!targets.AreResolvedByJob) await targets.StoreAsync(db.Connection(), caller.AccountId, job.Id, count, cancellationToken);
        if (request.Start) lanes.WakeAfterCommit(ready);
        return job.Id;
    }

    private delegate T? ReadParams<T>(RecordType type, OperationName name, JsonElement parameters, out IReadOnlyList<Fault> faults);

    private static T Read<T>(ReadParams<T> read, RecordType type, BulkJobsCreate.Request request)
        where T : class
    {
        var operation = read(type, request.Operation, request.Params ?? default, out var faults);
        BulkJobRules.RequireNone(faults);
        return operation!;
    }

    private async Task<IBulkTargets> ReadTargetsAsync(
        BulkJobsCreate.Request request, RecordType type, BulkOperation? operation, Caller caller, CancellationToken cancellationToken)
    {
        if (operation is null)
        {
            BulkJobRules.RequireCount(request.ExpectedCount, request.Items!.Length);
            return new ItemTargets(request.Items);
        }

        var targets = await selections.ReadAsync(request, type, caller, cancellationToken);
        if (targets.Listed is null && request.ExpectedCount is null && !operation.UniqueFieldsSet.Any()) return targets;
        var found = await selections.CountAsync(targets, caller, cancellationToken);
        BulkJobRules.RequireNone(operation.FaultsOf(found));
        BulkJobRules.RequireCount(request.ExpectedCount, found);
        return targets;
    }

    private static string ParamsOf(BulkJobsCreate.Request request) =>
        request.Params is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : "{}";

    private Job NewJob(BulkJobsCreate.Request request, IBulkTargets targets, string parameters, Caller caller, GivenJob? given)
    {
        var now = clock.GetUtcNow();
        var id = given?.Id ?? Guid.CreateVersion7(now);
        return new Job
        {
            AccountId = caller.AccountId,
            Id = id,
            Kind = JobKind.Bulk,
            RecordType = request.EntityType,
            Name = request.Name,
            Status = request.Start ? JobStatus.Processing : JobStatus.Pending,
            TotalCount = targets.Listed ?? 0,
            KeepChanges = request.KeepChanges,
            TraceParent = LaneTraces.Current,
            CreatedBy = caller.UserId,
            CreatedAt = given?.CreatedAt ?? now,
            UpdatedAt = now,
            StartedAt = request.Start ? now : null,
            BulkJob = new BulkJob
            {
                AccountId = caller.AccountId,
                Id = id,
                Operation = WireJson.Word(request.Operation),
                EntityIds = request.EntityIds,
                ExternalIds = request.ExternalIds,
                Filter = request.Filter is { ValueKind: JsonValueKind.Object } filter ? filter.GetRawText() : null,
                Query = request.Query,
                ExpectedCount = request.ExpectedCount,
                ToFreeze = targets.AreResolvedByJob,
                Params = parameters,
            },
        };
    }
}
