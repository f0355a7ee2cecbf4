using System.Data;
using System.Text.Json.Nodes;
using Driftwood.Api.Features.BulkJobs;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Compat.Fulcrum;

/// <summary>The handlers of Fulcrum's batches.</summary>
internal sealed class FulcrumBatches(FulcrumOptions options)
{
    public async Task<JsonNode> MakeAsync(
        FulcrumBatchRequest request, HttpContext http, FulcrumOperations operations, FulcrumReader reader, DraftBatches drafts)
    {
        var caller = Caller.Of(http);
        var id = request.Batch is { Start: false, Operations: null or [] }
            ? await drafts.AddAsync(caller, http.RequestAborted)
            : await operations.CreateAsync(http, request.Batch.Operations, options, request.Batch.Start);
        return await reader.ReadAsync(caller, id, http.RequestAborted, options.MaxRecords);
    }

    public async Task<JsonNode> AddOperationsAsync(
        FulcrumOperationsRequest request, HttpContext http, FulcrumOperations operations, FulcrumReader reader, DraftBatches drafts)
    {
        var (caller, id) = (Caller.Of(http), IdOf(http));
        if (await drafts.TakeAsync(caller, id, http.RequestAborted) is not { } draft)
        {
            await reader.ReadAsync(caller, id, http.RequestAborted); // 404 if there is no such batch
            throw ApiException.InvalidState("The batch has its operation already.");
        }

        await operations.CreateAsync(http, request.Operations, options, start: false, new GivenJob(draft.Id, draft.CreatedAt));
        return await reader.ReadAsync(caller, id, http.RequestAborted, options.MaxRecords);
    }

    public async Task<JsonNode> StartAsync(
        HttpContext http, BulkJobReader jobs, JobControl control, FulcrumReader reader, DraftBatches drafts)
    {
        var (caller, id) = (Caller.Of(http), IdOf(http));
        if (await drafts.Of(caller).AnyAsync(draft => draft.Id == id, http.RequestAborted))
            throw ApiException.InvalidState("The batch has no operation yet.");
        var job = await (await jobs.RequireAsync(caller, id, http.RequestAborted)).RequireScopeAsync(caller, http.RequestAborted);
        // A batch that runs, or is paused, has been started before and is answered as it is.
        var status = await job.Select(each => each.Status).SingleAsync(http.RequestAborted);
        if (status != JobStatus.Paused) await control.StartAsync(job, http.RequestAborted);
        return await reader.ReadAsync(caller, id, http.RequestAborted, status == JobStatus.Pending ? options.MaxRecords : int.MaxValue);
    }

    public static async Task<JsonNode> GetAsync(HttpContext http, FulcrumReader reader, DriftwoodDb db)
    {
        // The count and the job are of one moment.
        await using var moment = await db.BeginAsync(http.RequestAborted, IsolationLevel.RepeatableRead);
        return await reader.ReadAsync(Caller.Of(http), IdOf(http), http.RequestAborted);
    }

    public static async Task<JsonNode> ListAsync(
        HttpContext http, BulkJobReader jobs, FulcrumReader reader, DraftBatches drafts, DriftwoodDb db)
    {
        var (caller, page, isAscending) = (Caller.Of(http), PageNumbers.Read(http.Request.Query), IsAscending(http.Request.Query));
        await using var moment = await db.BeginAsync(http.RequestAborted, IsolationLevel.RepeatableRead);
        // Ids have the order of creation.
        var ids = jobs.Of(caller).Select(job => job.Id).Concat(drafts.Of(caller).Select(draft => draft.Id));
        var total = await ids.CountAsync(http.RequestAborted);
        var ordered = isAscending ? ids.OrderBy(id => id) : ids.OrderByDescending(id => id);
        var found = await ordered.Skip(page.Skip).Take(page.Size).ToListAsync(http.RequestAborted);
        return page.ToJson("batches", await reader.ReadManyAsync(caller, found, http.RequestAborted), total);
    }

    // An id that is no UUID is nobody's.
    private static Guid IdOf(HttpContext http) =>
        RawPath.ValueBeforeJson(http, "id") is var text && Guid.TryParse(text, out var id)
            ? id
            : throw ApiException.NotFound("batch", text);

    private static bool IsAscending(IQueryCollection query)
    {
        if (query["sort"].ToString() is not ("" or "created_at") and var sort)
            throw ApiException.Validation("sort", "invalid_choice", $"Found {Found.Describe(sort)}, expected created_at.", ["created_at"]);
        return query["sort_direction"].ToString().ToUpperInvariant() switch
        {
            "ASC" => true,
            "" or "DESC" => false,
            var other => throw ApiException.Validation(
                "sort_direction", "invalid_choice", $"Found {Found.Describe(other)}, expected ASC or DESC.", ["ASC", "DESC"]),
        };
    }
}
