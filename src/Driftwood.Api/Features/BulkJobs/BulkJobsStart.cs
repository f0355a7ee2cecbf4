using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsStart
{
    internal sealed record Request : JobRequest;

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, BulkJobReader jobs, BulkSelections selections, JobControl control,
        CancellationToken cancellationToken)
    {
        var job = await jobs.RequireAsync(caller, request.Id, cancellationToken);
        await RequireCountAsync(job, selections, caller, cancellationToken);
        await control.StartAsync(job, cancellationToken);
        return await jobs.ReadAsync(caller, request.Id, cancellationToken);
    }

    // Lists still have the length that they had when the job was created.
    private static async Task RequireCountAsync(
        IQueryable<Job> job, BulkSelections selections, Caller caller, CancellationToken cancellationToken)
    {
        var created = await job
            .Where(pending => pending.Status == JobStatus.Pending && pending.BulkJob!.ExpectedCount != null
                && (pending.BulkJob.Filter != null || pending.BulkJob.Query != null))
            .Select(pending => new { pending.RecordType, pending.BulkJob!.Filter, pending.BulkJob.Query, pending.BulkJob.ExpectedCount })
            .SingleOrDefaultAsync(cancellationToken);
        if (created is null) return;
        var filter = created.Filter is { } json ? JsonElement.Parse(json) : (JsonElement?)null;
        var selection = new StoredSelection(created.RecordType, null, null, filter, created.Query);
        var type = await selections.RequireStillAsync(selection, caller, cancellationToken);
        var targets = await selections.ReadAsync(selection, type, caller, cancellationToken);
        BulkJobRules.RequireCount(created.ExpectedCount, await selections.CountAsync(targets, caller, cancellationToken));
    }
}
