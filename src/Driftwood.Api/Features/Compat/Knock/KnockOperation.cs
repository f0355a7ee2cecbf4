using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Results;

namespace Driftwood.Api.Features.Compat.Knock;

/// <summary>Bulk jobs as Knock's clients see them.</summary>
internal static class KnockOperation
{
    private const int MaxErrorItems = 1_000;

    /// <summary>The job whose id is in the path.</summary>
    /// <exception cref="ApiException">404.</exception>
    public static async Task<JsonNode> GetAsync(HttpContext http, Caller caller, BulkJobReader jobs, BulkResults results)
    {
        var given = RawPath.Value(http, "id");
        if (!Guid.TryParseExact(given, "D", out var id)) throw ApiException.NotFound("bulk operation", Found.Shorten(given));
        var job = await jobs.ReadWithoutIdsAsync(caller, id, http.RequestAborted);
        if (job.FailedCount == 0) return Of(job, []);
        var limit = (int)Math.Min(job.FailedCount, MaxErrorItems);
        var failed = await results.ReadAsync(caller.AccountId, id, TargetOutcome.Failed, BulkResults.Start, limit, http.RequestAborted);
        long[] indexes = [.. failed.Items.Select(result => result.Index)];
        var sent = await results.ReadSentExternalIdsAsync(caller.AccountId, id, indexes, http.RequestAborted);
        return Of(job, new JsonArray([.. failed.Items.Select(result => new JsonObject
        {
            ["id"] = sent.GetValueOrDefault(result.Index) ?? result.ExternalId ?? result.EntityId?.ToString() ?? "",
            ["collection"] = KnockEntity.OfType(job.EntityType).Collection,
        })]));
    }

    /// <param name="job">The bulk job.</param>
    /// <param name="errorItems">Its failed records.</param>
    public static JsonNode Of(BulkJobView job, JsonArray errorItems)
    {
        var (status, ended) = (StatusOf(job), job.CompletedAt ?? job.UpdatedAt);
        return new JsonObject
        {
            ["__typename"] = "BulkOperation",
            ["id"] = job.Id,
            ["name"] = NameOf(job),
            ["status"] = status,
            ["estimated_total_rows"] = job.TotalCount,
            ["processed_rows"] = job.ProcessedCount,
            ["success_count"] = job.SuccessCount,
            ["error_count"] = job.FailedCount,
            ["error_items"] = errorItems,
            ["progress_path"] = $"/v1/bulk_operations/{job.Id}",
            ["inserted_at"] = Time(job.CreatedAt),
            ["updated_at"] = Time(job.UpdatedAt),
            ["started_at"] = Time(status == "queued" ? null : job.StartedAt),
            ["completed_at"] = Time(status == "completed" ? ended : null),
            ["failed_at"] = Time(status == "failed" ? ended : null),
        };
    }

    public static JsonNode? Time(DateTimeOffset? time) => JsonSerializer.SerializeToNode(time, WireJson.Options);

    private static string StatusOf(BulkJobView job) => job switch
    {
        { Status: JobStatus.Completed } => "completed",
        { Status: JobStatus.Failed or JobStatus.Cancelled } => "failed",
        { Status: JobStatus.Pending } or { Status: JobStatus.Processing, ProcessedCount: 0 } => "queued",
        _ => "processing",
    };

    private static string NameOf(BulkJobView job)
    {
        var entity = KnockEntity.OfType(job.EntityType);
        var isSet = job.Params!.Value.TryGetProperty("match_on", out var matchOn) && matchOn.ValueEquals("external_id");
        return job.Operation switch
        {
            JobOperation.Delete => $"{entity.Noun}.delete",
            JobOperation.Upsert when isSet => entity.IsUser ? "users.identify" : $"{entity.Noun}.set",
            _ => $"{job.EntityType}.{WireJson.Word(job.Operation)}",
        };
    }
}
