using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>How long it takes until a job heeds its caller, as a client sees it; each is printed.</summary>
internal sealed class ControlTimes(IControlledJob job)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan AtRest = TimeSpan.FromMilliseconds(500); // without a change: far longer than a chunk takes

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

    /// <exception cref="EndedTooEarlyException">The job was done first.</exception>
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

    /// <summary>From the call until the status is there and the counters no longer move, whichever is later.</summary>
    private async Task<TimeSpan> StopAsync(Func<Task> stop, string status)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await stop();
        }
        catch (InvalidOperationException)
        {
            // A completed job refuses it.
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

/// <summary>There was nothing left to stop.</summary>
internal sealed class EndedTooEarlyException() : Exception("The job ended before it could be stopped: take more rows.")
{
    private const int SurelyLong = 100_000; // rows: fewer may all be dealt with before a pause arrives

    /// <summary>Whether that is no wonder.</summary>
    /// <param name="rows">Of the job.</param>
    public static bool MayBe(int rows) => rows < SurelyLong;
}
