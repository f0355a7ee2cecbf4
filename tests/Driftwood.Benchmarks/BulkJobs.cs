using System.Diagnostics;
using System.Text.Json;

namespace Driftwood.Benchmarks;

/// <summary>Runs bulk jobs on contacts through Driftwood's public API.</summary>
internal sealed class BulkJobs(ApiClient api)
{
    // A job of seconds is polled ten times a second, so its figure may be too long by that much. More frequent polls would take an
    // eighth of a machine with two cores.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Runs a job on the contacts of a filter. Measures from the request to the end. A delete has to say how many there are, which the
    /// service counts once more.
    /// </summary>
    public Task<TimeSpan> RunAsync(BulkStep step, object filter, int rows) => RunAsync(
        new
        {
            entity_type = "contacts",
            operation = step.Operation,
            filter,
            @params = step.Params,
            expected_count = step.Operation == "delete" ? rows : (int?)null,
        },
        rows,
        Pause);

    /// <summary>Runs jobs on lists of ids, one after the other. Measures from the first request to the last end.</summary>
    public async Task<TimeSpan> RunAsync(BulkStep step, IReadOnlyList<Guid> ids, int idsPerJob)
    {
        var clock = Stopwatch.StartNew();
        foreach (var some in ids.Chunk(idsPerJob)) await RunAsync(Request(step, some), some.Length, Pause);
        return clock.Elapsed;
    }

    /// <summary>
    /// Measures jobs on three contacts, one after the other, after some that are not measured. They change nothing: no contact has the tag
    /// that they remove.
    /// </summary>
    public async Task<Latencies> RunSmallAsync(IReadOnlyList<Guid> ids, int count)
    {
        Guid[] three = [.. ids.Take(3)];
        for (var i = 0; i < 20; i++) await RunFastAsync(BulkStep.Nothing, three);
        var latencies = new Latencies();
        for (var i = 0; i < count; i++) latencies.Add(await RunFastAsync(BulkStep.Nothing, three));
        return latencies;
    }

    /// <summary>Measures how long a job's request takes to be answered, then waits for the job.</summary>
    public async Task<TimeSpan> RequestAsync(BulkStep step, IReadOnlyList<Guid> ids)
    {
        var clock = Stopwatch.StartNew();
        var job = await api.CallAsync("bulk-jobs-create", Request(step, ids));
        var time = clock.Elapsed;
        await FinishAsync(job, ids.Count, Pause);
        return time;
    }

    /// <summary>Runs a job on a few ids and polls it without a pause.</summary>
    private Task<TimeSpan> RunFastAsync(BulkStep step, Guid[] ids) => RunAsync(Request(step, ids), ids.Length, TimeSpan.Zero);

    private static object Request(BulkStep step, IReadOnlyList<Guid> ids) =>
        new { entity_type = "contacts", operation = step.Operation, entity_ids = ids, @params = step.Params };

    private async Task<TimeSpan> RunAsync(object request, int rows, TimeSpan pause)
    {
        var clock = Stopwatch.StartNew();
        await FinishAsync(await api.CallAsync("bulk-jobs-create", request), rows, pause);
        return clock.Elapsed;
    }

    private async Task FinishAsync(JsonElement job, int rows, TimeSpan pause)
    {
        var id = job.GetProperty("id").GetGuid();
        while (job.GetProperty("status").GetString() is "pending" or "processing")
        {
            if (pause > TimeSpan.Zero) await Task.Delay(pause);
            job = await api.CallAsync("bulk-jobs-get", new { id });
        }

        if (job.GetProperty("status").GetString() != "completed" || job.GetProperty("success_count").GetInt64() != rows)
        {
            throw new InvalidOperationException(
                $"Expected {rows} contacts dealt with, found {job.GetProperty("status")}, {job.GetProperty("success_count")} of "
                + $"{job.GetProperty("total_count")}, {job.GetProperty("error_message")}.");
        }
    }
}
