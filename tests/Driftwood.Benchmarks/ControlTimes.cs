using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>Measures and prints how long a job takes to obey its caller, as a client sees it.</summary>
internal sealed class ControlTimes(IControlledJob job)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AtRest = TimeSpan.FromMilliseconds(500); // time without a change; a chunk takes far less

    public async Task PauseAsync() => Print("pause", "until paused and at rest", await StopAsync(job.PauseAsync, "paused"));

    public async Task CancelAsync() => Print("cancel", "until cancelled and at rest", await StopAsync(job.CancelAsync, "cancelled"));

    public async Task ResumeAsync()
    {
        var paused = (await job.ReadProgressAsync()).Processed;
        var clock = Stopwatch.StartNew();
        await job.ResumeAsync();
        await UntilProcessedAsync(paused + 1);
        Print("resume", "until progress moves", clock.Elapsed);
    }

    /// <exception cref="EndedTooEarlyException">The job ended before it had processed so many rows.</exception>
    public async Task UntilProcessedAsync(long rows)
    {
        while (true)
        {
            var state = await job.ReadProgressAsync();
            if (state.Status == "completed") throw new EndedTooEarlyException();
            if (state.Status != "processing") throw new InvalidOperationException($"The job ended badly: {state}");
            if (state.Processed >= rows) return;
            await Task.Delay(Poll);
        }
    }

    /// <summary>Measures from the call until the job has the status and its counters no longer move.</summary>
    private async Task<TimeSpan> StopAsync(Func<Task> stop, string status)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await stop();
        }
        catch (InvalidOperationException)
        {
            // A completed job refuses the call.
            if ((await job.ReadProgressAsync()).Status == "completed") throw new EndedTooEarlyException();
            throw;
        }

        var state = await job.ReadProgressAsync();
        var changed = clock.Elapsed;
        while (state.Status != status || clock.Elapsed - changed < AtRest)
        {
            if (state.Status == "completed") throw new EndedTooEarlyException();
            await Task.Delay(Poll);
            var next = await job.ReadProgressAsync();
            if (next != state) changed = clock.Elapsed;
            state = next;
        }

        return changed;
    }

    private static void Print(string what, string until, TimeSpan time) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-7} {until,-28} {time.TotalMilliseconds,6:N0} ms"));
}

/// <summary>The job ended before the benchmark could stop it.</summary>
internal sealed class EndedTooEarlyException() : Exception("The job ended before it could be stopped: take more rows.")
{
    private const int SurelyLong = 100_000; // rows; a smaller job may end before a pause arrives

    /// <summary>Says whether so small a job may end too early.</summary>
    /// <param name="rows">The number of rows of the job.</param>
    public static bool MayBe(int rows) => rows < SurelyLong;
}
