using System.Globalization;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>
/// Shows bulk jobs, and batches that have no operation yet, as Fulcrum's batches. It reads in the transaction of the scope.
/// </summary>
internal sealed class FulcrumReader(BulkJobReader jobs, OpenTargets targets, DraftBatches drafts)
{
    /// <summary>Fulcrum's form of a time.</summary>
    public static string? Time(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <exception cref="ApiException">404; 422 if a query finds more records than a batch may have.</exception>
    public async Task<JsonObject> ReadAsync(Caller caller, Guid id, CancellationToken cancellationToken, int max = int.MaxValue)
    {
        var batch = (await ReadManyAsync(caller, [id], cancellationToken)).SingleOrDefault() ?? throw ApiException.NotFound("batch", id);
        if ((long)batch["objects_total"]! is var found && found <= max) return new JsonObject { ["batch"] = batch };
        throw ApiException.Validation(
            "operations[0].query", "out_of_range", $"The query finds {found} records, at most {max} may be in a batch.");
    }

    /// <summary>The batches with these ids, in that order, without those that the account does not have.</summary>
    public async Task<IReadOnlyList<JsonObject>> ReadManyAsync(Caller caller, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var counts = await targets.CountAsync(caller, ids, cancellationToken);
        var found = (await jobs.ReadManyAsync(caller, ids, cancellationToken))
            .ToDictionary(job => job.Id, job => OfJob(job, counts.GetValueOrDefault(job.Id, job.TotalCount)));
        var waiting = await drafts.Of(caller).AsNoTracking().Where(draft => ids.Contains(draft.Id))
            .Select(draft => new { draft, draft.Creator!.Name }).ToListAsync(cancellationToken);
        foreach (var each in waiting) found.Add(each.draft.Id, OfDraft(each.draft, each.Name));
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    private static JsonObject OfJob(BulkJobView job, long total) => new()
    {
        ["status"] = StatusOf(job.Status),
        ["objects_total"] = total,
        ["objects_success"] = job.SuccessCount,
        ["id"] = job.Id,
        ["created_at"] = Time(job.CreatedAt),
        ["updated_at"] = Time(job.UpdatedAt),
        ["created_by"] = job.CreatedByName,
        ["created_by_id"] = job.CreatedBy,
        ["updated_by"] = job.CreatedByName,
        ["updated_by_id"] = job.CreatedBy,
        ["started_at"] = Time(job.StartedAt),
        ["completed_at"] = Time(job.CompletedAt),
    };

    private static JsonObject OfDraft(DraftBatch draft, string creator) => OfJob(
        BulkJobView.Example with
        {
            Status = JobStatus.Pending,
            SuccessCount = 0,
            Id = draft.Id,
            CreatedAt = draft.CreatedAt,
            UpdatedAt = draft.CreatedAt,
            CreatedBy = draft.CreatedBy,
            CreatedByName = creator,
            StartedAt = null,
            CompletedAt = null,
        },
        total: 0);

    private static string StatusOf(JobStatus status) => status switch
    {
        JobStatus.Pending => "pending",
        JobStatus.Processing or JobStatus.Paused => "running",
        JobStatus.Completed => "success",
        _ => "failed",
    };
}
