using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>One bulk job that deletes the contacts with a first name through the public API.</summary>
internal sealed class BulkDelete : IControlledJob
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly ApiClient _api;
    private readonly Guid _id;

    private BulkDelete(ApiClient api, Guid id) => (_api, _id) = (api, id);

    /// <param name="api">A client of the account.</param>
    /// <param name="rows">The number of contacts with a first name.</param>
    public static async Task<BulkDelete> StartAsync(ApiClient api, int rows)
    {
        var job = await api.CallAsync(
            "bulk-jobs-create",
            new { entity_type = "contacts", operation = "delete", filter = SeededContacts.All, expected_count = rows });
        return new BulkDelete(api, job.GetProperty("id").GetGuid());
    }

    /// <exception cref="InvalidOperationException">Some contacts failed, although nobody else changes them.</exception>
    public async Task<JobProgress> ReadProgressAsync()
    {
        var job = await _api.CallAsync("bulk-jobs-get", new { id = _id });
        return job.GetProperty("failed_count").GetInt64() == 0 ? Progress(job)
            : throw new InvalidOperationException($"Contacts failed: {job}");
    }

    public Task PauseAsync() => _api.CallAsync("bulk-jobs-pause", new { id = _id });

    public Task ResumeAsync() => _api.CallAsync("bulk-jobs-resume", new { id = _id });

    public Task CancelAsync() => _api.CallAsync("bulk-jobs-cancel", new { id = _id });

    /// <summary>Waits for the job's end. Returns its final state.</summary>
    public async Task<JobProgress> FinishAsync()
    {
        while (true)
        {
            var state = await ReadProgressAsync();
            if (state.Status != "processing") return state;
            await Task.Delay(Poll);
        }
    }

    private static JobProgress Progress(JsonElement job) =>
        new(job.GetProperty("status").GetString()!, job.GetProperty("processed_count").GetInt64());
}
