using System.Text.Json;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Operations;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsStart
{
    internal sealed record Request : JobRequest
    {
        /// <summary>
        /// The required number of targets; it replaces the one that the job was created with. Required, if the job has none, where
        /// bulk-jobs-create requires it to start a job.
        /// </summary>
        public long? ExpectedCount { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.ExpectedCount).GreaterThanOrEqualTo(0);
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, BulkJobReader jobs, BulkSelections selections, BulkJobRules rules, JobControl control,
        DriftwoodDb db, CancellationToken cancellationToken)
    {
        var job = await jobs.RequireAsync(caller, request.Id, cancellationToken);
        await job.RequireScopeAsync(caller, cancellationToken);
        await RequireCountAsync(job, request.ExpectedCount, selections, rules, caller, cancellationToken);
        // Only the call that starts the job says what its targets are compared with.
        if (await control.StartAsync(job, cancellationToken) && request.ExpectedCount is { } expected)
        {
            await db.BulkJobs.Where(bulk => bulk.AccountId == caller.AccountId && bulk.Id == request.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(bulk => bulk.ExpectedCount, expected), cancellationToken);
        }

        return await jobs.ReadAsync(caller, request.Id, cancellationToken);
    }

    private static async Task RequireCountAsync(
        IQueryable<Job> job, long? given, BulkSelections selections, BulkJobRules rules, Caller caller,
        CancellationToken cancellationToken)
    {
        var created = await job
            .Where(pending => pending.Status == JobStatus.Pending)
            .Select(pending => new
            {
                pending.RecordType,
                pending.TotalCount,
                pending.BulkJob!.Operation,
                pending.BulkJob.Filter,
                pending.BulkJob.Query,
                pending.BulkJob.ExpectedCount,
            })
            .SingleOrDefaultAsync(cancellationToken);
        if (created is null) return;
        if (created is { Filter: null, Query: null })
        {
            // Lists still have the length that they had when the job was created.
            BulkJobRules.RequireCount(given, created.TotalCount);
            return;
        }

        var filter = created.Filter is { } json ? JsonElement.Parse(json) : (JsonElement?)null;
        var selection = new StoredSelection(created.RecordType, null, null, filter, created.Query);
        var type = await selections.RequireStillAsync(selection, caller, cancellationToken);
        var targets = await selections.ReadAsync(selection, type, caller, cancellationToken);
        var operation = Enum.Parse<OperationName>(created.Operation, ignoreCase: true);
        if ((given ?? created.ExpectedCount) is { } expected)
            BulkJobRules.RequireCount(expected, await selections.CountAsync(targets, caller, cancellationToken));
        else
            await rules.RequireConfirmedAsync(operation, targets, caller, cancellationToken);
    }
}
