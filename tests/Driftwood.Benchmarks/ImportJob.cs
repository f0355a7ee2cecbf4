using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Benchmarks;

/// <summary>The counts of an import's outcomes. Each row has one outcome.</summary>
internal readonly record struct ImportCounts(long Created, long Updated, long Skipped, long Failed)
{
    public long Processed => Created + Updated + Skipped + Failed;
}

/// <summary>The state of an import in <c>imports-get</c>.</summary>
internal readonly record struct ImportState(string Status, ImportCounts Counts);

/// <summary>One import of contacts through the public API.</summary>
internal sealed class ImportJob : IControlledJob
{
    private readonly ApiClient _api;
    private readonly Guid _id;
    private readonly Uri _signedUrl;

    private ImportJob(ApiClient api, Guid id, Uri signedUrl) => (_api, _id, _signedUrl) = (api, id, signedUrl);

    public Guid Id => _id;

    /// <summary>How long the upload took to complete, which reads the whole file.</summary>
    public TimeSpan Completion { get; private set; }

    /// <summary>Requests the signed URL. It sends no file yet.</summary>
    public static async Task<ImportJob> RequestAsync(ApiClient api)
    {
        var upload = await api.CallAsync(
            "imports-request-upload", new { model_type = "contacts", file_name = "contacts.csv", content_type = "text/csv" });
        return new ImportJob(api, upload.GetProperty("job_id").GetGuid(), new Uri(upload.GetProperty("signed_url").GetString()!));
    }

    /// <summary>Runs from the first byte of the PUT to the answer of the confirmation, with the suggested mapping.</summary>
    public Task StartAsync(string path, string strategy) => StartAsync(path, strategy, _ => []);

    /// <summary>The same with settings, made of the suggested mapping, which they may change.</summary>
    public async Task StartAsync(string path, string strategy, Func<JsonObject, JsonObject> settings)
    {
        await _api.PutAsync(_signedUrl, path);
        var clock = Stopwatch.StartNew();
        var preview = (await _api.CallAsync("imports-complete-upload", new { id = _id })).GetProperty("preview");
        Completion = clock.Elapsed;
        var mapping = JsonObject.Create(preview.GetProperty("suggested_mapping"))!;
        var request = settings(mapping);
        request["id"] = _id;
        request["column_mapping"] = mapping;
        request["duplicate_strategy"] = strategy;
        await _api.CallAsync("imports-confirm", request);
    }

    public async Task<ImportState> ReadAsync() => StateOf(await _api.CallAsync("imports-get", new { id = _id }));

    public async Task<JobProgress> ReadProgressAsync()
    {
        var state = await ReadAsync();
        return new JobProgress(state.Status, state.Counts.Processed);
    }

    public Task PauseAsync() => _api.CallAsync("imports-pause", new { id = _id });

    public Task ResumeAsync() => _api.CallAsync("imports-resume", new { id = _id });

    public Task CancelAsync() => _api.CallAsync("imports-cancel", new { id = _id });

    private static ImportState StateOf(JsonElement job)
    {
        long Count(string name) => job.GetProperty(name).GetInt64();
        return new ImportState(
            job.GetProperty("status").GetString()!,
            new ImportCounts(Count("created_count"), Count("updated_count"), Count("skipped_count"), Count("failed_count")));
    }
}
