using System.Globalization;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.BulkJobs;

/// <summary>The steps of a bulk job, as a caller takes them.</summary>
internal static class BulkSteps
{
    public static Task<Answer> CreateJobAsync(
        this HttpClient client, string operation, IEnumerable<Guid> ids, object? parameters = null, string type = "contacts") =>
        client.PostAsync("bulk-jobs-create", new { entity_type = type, operation, entity_ids = ids, @params = parameters });

    /// <summary>Creates a job and waits for its end; counters are checked at every poll.</summary>
    public static async Task<JsonElement> RunJobAsync(
        this HttpClient client, string operation, IEnumerable<Guid> ids, object? parameters = null, string type = "contacts")
    {
        var created = (await client.CreateJobAsync(operation, ids, parameters, type)).Result;
        return await client.FinishJobAsync(created.Id());
    }

    /// <summary>Creates a job from any request and waits for its end.</summary>
    public static async Task<JsonElement> RunJobAsync(this HttpClient client, object request) =>
        await client.FinishJobAsync((await client.PostAsync("bulk-jobs-create", request)).Result.Id());

    /// <summary>Takes a job back and waits for the end of that.</summary>
    public static async Task<JsonElement> UndoAsync(this HttpClient client, Guid id, bool dryRun = false) =>
        await client.FinishJobAsync((await client.PostAsync("jobs-undo", new { id, dry_run = dryRun })).Result.Id());

    public static async Task<JsonElement> FinishJobAsync(this HttpClient client, Guid id)
    {
        var before = 0L;
        return await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id })).Result,
            job =>
            {
                var processed = Count(job, "processed_count");
                Assert.True(processed >= before && processed <= Count(job, "total_count"), $"After {before}: {job}");
                var kept = job.TryGetProperty("kept_count", out _) ? Count(job, "kept_count") : 0;
                Assert.Equal(processed, Count(job, "success_count") + Count(job, "failed_count") + kept);
                before = processed;
                return job.Text("status") is not ("pending" or "processing");
            });
    }

    /// <summary><c>status processed/total, n failed</c>.</summary>
    public static string JobOutcome(this JsonElement job) => string.Create(
        CultureInfo.InvariantCulture,
        $"{job.Text("status")} {Count(job, "processed_count")}/{Count(job, "total_count")}, {Count(job, "failed_count")} failed");

    public static async Task<Guid> ContactAsync(this HttpClient client, object fields) =>
        (await client.PostAsync("contacts-create", fields)).Result.Id();

    public static async Task<JsonElement> GetAsync(this HttpClient client, Guid id, string type = "contacts") =>
        (await client.PostAsync($"{type}-get", new { id })).Result;

    private static long Count(JsonElement job, string counter) => job.GetProperty(counter).GetInt64();
}
