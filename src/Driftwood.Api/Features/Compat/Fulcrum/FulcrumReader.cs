using System.Globalization;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
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
        var batch = (await ReadManyAsync(caller, [id], cancellationToken, max)).SingleOrDefault();
        return new JsonObject { ["batch"] = batch ?? throw ApiException.NotFound("batch", id) };
    }

    /// <summary>The batches with these ids, in that order, without those that the account does not have.</summary>
    /// <exception cref="ApiException">422 if a query whose records are not fixed yet finds more than <paramref name="max"/>.</exception>
    public async Task<IReadOnlyList<JsonObject>> ReadManyAsync(
        Caller caller, IReadOnlyList<Guid> ids, CancellationToken cancellationToken, int max = int.MaxValue)
    {
        var counts = await targets.CountAsync(caller, ids, cancellationToken);
        if (counts.Values.Any(count => count > max))
        {
            var message = $"The query finds {counts.Values.Max()} records, at most {max} may be in a batch.";
            throw ApiException.Validation("operations[0].query", "out_of_range", message);
        }

        var found = (await jobs.ReadManyAsync(caller, ids, cancellationToken))
            .ToDictionary(job => job.Id, job => OfJob(job, counts.GetValueOrDefault(job.Id, job.TotalCount)));
        var waiting = await drafts.Of(caller).AsNoTracking().Where(draft => ids.Contains(draft.Id))
            .Select(draft => new { draft, draft.Creator!.Name }).ToListAsync(cancellationToken);
        foreach (var each in waiting)
            found.Add(each.draft.Id, New(each.draft.Id, "pending", each.draft.CreatedAt, each.draft.CreatedBy, each.Name));
        return [.. ids.Where(found.ContainsKey).Select(id => found[id])];
    }

    private static JsonObject OfJob(BulkJobView job, long total)
    {
        var batch = New(job.Id, StatusOf(job.Status), job.CreatedAt, job.CreatedBy, job.CreatedByName);
        (batch["objects_total"], batch["objects_success"]) = (total, job.SuccessCount);
        batch["updated_at"] = Time(job.UpdatedAt);
        (batch["started_at"], batch["completed_at"]) = (Time(job.StartedAt), Time(job.CompletedAt));
        return batch;
    }

    private static JsonObject New(Guid id, string status, DateTimeOffset createdAt, Guid creator, string creatorName) => new()
    {
        ["status"] = status,
        ["objects_total"] = 0,
        ["objects_success"] = 0,
        ["id"] = id,
        ["created_at"] = Time(createdAt),
        ["updated_at"] = Time(createdAt),
        ["created_by"] = creatorName,
        ["created_by_id"] = creator,
        ["updated_by"] = creatorName,
        ["updated_by_id"] = creator,
        ["started_at"] = null,
        ["completed_at"] = null,
    };

    private static string StatusOf(JobStatus status) => status switch
    {
        JobStatus.Pending => "pending",
        JobStatus.Processing or JobStatus.Paused => "running",
        JobStatus.Completed => "success",
        _ => "failed",
    };
}
