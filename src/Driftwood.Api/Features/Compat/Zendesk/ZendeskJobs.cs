using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Compat.Zendesk;

/// <summary>Creates jobs and shows any bulk job of the account as a job status.</summary>
internal static class ZendeskJobs
{
    private const int MaxResults = 1_000;

    // The first word of the message of a job that has ended. The status is the same word in lower case.
    private static readonly Dictionary<JobStatus, string> Ends =
        new() { [JobStatus.Completed] = "Completed", [JobStatus.Failed] = "Failed", [JobStatus.Cancelled] = "Killed" };

    internal sealed record Request(Job Job);

    /// <param name="Action">What happens to the items.</param>
    /// <param name="Items">1 to 100 records; strings for the actions that delete.</param>
    internal sealed record Job(ZendeskAction Action, JsonElement[] Items);

    public static async Task<JsonNode> CreateAsync(
        Request request, HttpContext http, Caller caller, RecordTypeCatalog types, DriftwoodDb db, CompatJobs jobs)
    {
        var key = RawPath.Value(http, "key");
        var type = await types.FindAsync(db.Connection(), caller.AccountId, key, http.RequestAborted)
            ?? throw ApiException.NotFound("record type", key);
        var job = await jobs.CreateAsync(http, new ZendeskItems(type, request.Job.Action).Translate(request.Job.Items));
        return new JsonObject { ["job_status"] = Write(http, job, WireJson.Word(request.Job.Action), null) };
    }

    public static async Task<JsonNode> ShowAsync(
        HttpContext http, Caller caller, BulkJobReader jobs, BulkResults results, NamedRecords named)
    {
        var given = RawPath.ValueBeforeJson(http, "id");
        if (!Guid.TryParseExact(given, "D", out var id)) throw ApiException.NotFound("bulk job", given);
        var job = await jobs.ReadWithoutIdsAsync(caller, id, http.RequestAborted);
        return new JsonObject { ["job_status"] = (await WriteAsync(http, caller, [job], results, named))[0]!.DeepClone() };
    }

    public static async Task<JsonNode> ShowManyAsync(
        HttpContext http, Caller caller, BulkJobReader jobs, BulkResults results, NamedRecords named)
    {
        var given = ZendeskPage.List(http, "ids") ?? throw ApiException.Validation("ids", "required", "Missing: expected ids of jobs.");
        var ids = given.Where(text => Guid.TryParseExact(text, "D", out _)).Select(Guid.Parse).Distinct().ToList();
        var found = (await jobs.ReadManyAsync(caller, ids, http.RequestAborted)).OrderBy(job => ids.IndexOf(job.Id));
        return new JsonObject { ["job_statuses"] = await WriteAsync(http, caller, found, results, named) };
    }

    public static async Task<JsonNode> ListAsync(
        HttpContext http, Caller caller, BulkJobReader jobs, BulkResults results, NamedRecords named)
    {
        var page = ZendeskPage.Read(http);
        var found = await jobs.ListAsync("zendesk-job-statuses", caller, page, _ => true, http.RequestAborted);
        var list = new JsonObject { ["job_statuses"] = await WriteAsync(http, caller, found.Items, results, named) };
        return page.Write(http, list, "job_statuses", found.NextCursor);
    }

    private static async Task<JsonArray> WriteAsync(
        HttpContext http, Caller caller, IEnumerable<BulkJobView> jobs, BulkResults results, NamedRecords named)
    {
        var written = new JsonArray();
        foreach (var job in jobs)
        {
            IReadOnlyList<TargetResult>? outcomes = null;
            if (Ends.ContainsKey(job.Status))
            {
                var (account, id) = (caller.AccountId, job.Id);
                var page = await results.ReadAsync(account, id, null, BulkResults.Start, MaxResults, http.RequestAborted);
                outcomes = await named.AddAsync(account, id, page.Items, http.RequestAborted);
            }

            written.Add(Write(http, job, ActionOf(job), outcomes));
        }

        return written;
    }

    private static JsonObject Write(HttpContext http, BulkJobView job, string action, IReadOnlyList<TargetResult>? results)
    {
        var end = Ends.GetValueOrDefault(job.Status);
        var time = string.Create(CultureInfo.InvariantCulture, $"{job.CompletedAt ?? job.UpdatedAt:yyyy-MM-dd HH:mm:ss} +0000");
        var reason = job is { Status: JobStatus.Failed, ErrorMessage: { } message } ? ": " + message : "";
        var isQueued = job.Status == JobStatus.Pending || job is { Status: JobStatus.Processing, ProcessedCount: 0 };
        return new JsonObject
        {
            ["id"] = job.Id.ToString(),
            ["url"] = ZendeskPage.Url(http, $"job_statuses/{job.Id}"),
            ["job_type"] = $"custom_object_records.{action}",
            ["total"] = job.TotalCount,
            ["progress"] = job.ProcessedCount,
            ["status"] = end?.ToLowerInvariant() ?? (isQueued ? "queued" : "working"),
            ["message"] = end is null ? null : $"{end} at {time}{reason}",
            ["results"] = results is null ? null : new JsonArray([.. results.Select(result => Write(result, action))]),
        };
    }

    // The action that makes such a job. That of a native job may be none of Zendesk's.
    private static string ActionOf(BulkJobView job) => job.Operation switch
    {
        JobOperation.Create => "create",
        JobOperation.Upsert => "create_or_update_by_" + job.Params!.Value.GetProperty("match_on").GetString(),
        JobOperation.Delete => job.NamesExternalIds ? "delete_by_external_id" : "delete",
        _ => "update",
    };

    private static JsonObject Write(TargetResult result, string action)
    {
        var written = new JsonObject { ["index"] = result.Index, ["id"] = result.EntityId?.ToString() };
        var succeeded = result.Outcome == TargetOutcome.Succeeded;
        if (succeeded && action == "create") return written;
        written["action"] = action;
        written["success"] = succeeded;
        written["status"] = result.Effect?.ToString() ?? "Failed";
        if (result.ExternalId is { } externalId) written["external_id"] = externalId;
        if (succeeded) return written;
        written["error"] = result.Code == "not_found" ? "RecordNotFound" : "RecordInvalid";
        written["details"] = result.Message;
        written["code"] = result.Code;
        return written;
    }
}
