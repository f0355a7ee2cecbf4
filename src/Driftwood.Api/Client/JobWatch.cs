using System.Diagnostics;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Client;

/// <summary>Polls a job until it ends.</summary>
internal static class JobWatch
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>A restart of the service takes seconds. The job itself goes on meanwhile.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="job">The job as it was started.</param>
    /// <param name="read">Reads its state.</param>
    /// <param name="hasEnded">Whether a state is the last one.</param>
    /// <param name="report">Gets each state, the last one included.</param>
    /// <param name="cancellationToken">Stops the watch, not the job.</param>
    /// <returns>The last state.</returns>
    /// <exception cref="ServiceAway">The service did not answer for two minutes.</exception>
    public static async Task<T> RunAsync<T>(
        T job, Func<CancellationToken, Task<T>> read, Func<T, bool> hasEnded, Action<T> report, CancellationToken cancellationToken)
    {
        var lastAnswer = Stopwatch.StartNew();
        while (true)
        {
            report(job);
            if (hasEnded(job)) return job;
            await Task.Delay(Poll, cancellationToken);
            try
            {
                job = await read(cancellationToken);
                lastAnswer.Restart();
            }
            catch (ServiceAway) when (lastAnswer.Elapsed < Patience)
            {
                // Asked again.
            }
        }
    }
}
