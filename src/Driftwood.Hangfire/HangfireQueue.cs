using System.Threading.Channels;
using Driftwood.Engine.Lanes;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Hangfire;

/// <summary>
/// Queues a ticket for each lane that is woken. Nobody waits for that: the lanes are committed, and the sweeper wakes them again
/// if their tickets are not written.
/// </summary>
internal sealed partial class HangfireQueue(
    JobStorage storage, IBackgroundJobClient jobs, HangfireSettings settings, ILogger<HangfireQueue> logger)
    : ILaneQueue, IHostedService
{
    /// <summary>While so many tickets wait, no more are queued. The sweeper offers their lanes again, the longest waiting first.</summary>
    internal const int MaxWaiting = 1000;

    // Reached only while Hangfire's tables cannot be. Further wake-ups are dropped.
    private const int MaxPending = 10_000;

    // The number is "drifhanh". A node that hangs loses the lock, since a ticket too many does no harm.
    private const string LockOutOthers =
        "set local lock_timeout = '1s'; set local idle_in_transaction_session_timeout = '5s'; "
            + "select pg_advisory_xact_lock(7237963439696604776)";

    private readonly Channel<Wanted> _pending = Channel.CreateBounded<Wanted>(
        new BoundedChannelOptions(MaxPending) { SingleReader = true });
    private Task _writing = Task.CompletedTask;

    /// <summary>
    /// Queues a ticket for each lane that has none: the sweeper of every node wakes the same lanes every few seconds, and must not
    /// pile up tickets behind busy workers.
    /// </summary>
    public Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken)
    {
        foreach (var lane in lanes) _pending.Writer.TryWrite(new Wanted(lane, IsAlways: false));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Queues a ticket for each lane that a ticket has just made ready. A waiting ticket in the lane's name does not count, as it may
    /// stand for the lane that the ended ticket was queued for.
    /// </summary>
    public void Add(IReadOnlyList<LaneRef> lanes)
    {
        foreach (var lane in lanes) _pending.Writer.TryWrite(new Wanted(lane, IsAlways: true));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _writing = Task.Run(WriteAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Writes the tickets that are pending: lanes that this process hands back are for another one, at once.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _pending.Writer.TryComplete();
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WriteAsync()
    {
        List<Wanted> batch = [];
        while (await _pending.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxWaiting && _pending.Reader.TryRead(out var wanted)) batch.Add(wanted);
            Write(batch);
        }
    }

    private void Write(List<Wanted> batch)
    {
        try
        {
            // Two nodes that wake the same lanes at the same time would both find no ticket waiting.
            using NpgsqlConnection connection = new(settings.OwnConnectionString);
            connection.Open();
            using var transaction = connection.BeginTransaction();
            TryLock(connection);
            var waiting = ListWaiting();
            foreach (var ((account, job, lane), isAlways) in batch)
            {
                if (!waiting.Add(new LaneRef(account, job, lane)) && !isAlways) continue;
                if (waiting.Count > MaxWaiting) return;
                jobs.Create(
                    Job.FromExpression<LaneTicket>(ticket => ticket.RunAsync(account, job, lane, CancellationToken.None)),
                    new EnqueuedState(HangfireSettings.Queue));
            }
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or BackgroundJobClientException)
        {
            LogNotQueued(batch.Count, exception.GetBaseException().Message);
        }
    }

    private static void TryLock(NpgsqlConnection connection)
    {
        using NpgsqlCommand command = new(LockOutOthers, connection);
        try
        {
            command.ExecuteNonQuery();
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Another node hangs.
        }
    }

    /// <summary>The lanes in whose name tickets wait. A fetched ticket does not count: its claim may be over, or its worker dead.</summary>
    private HashSet<LaneRef> ListWaiting()
    {
        var monitoring = storage.GetMonitoringApi();
        if (monitoring.EnqueuedCount(HangfireSettings.Queue) == 0) return [];
        return [.. monitoring.EnqueuedJobs(HangfireSettings.Queue, 0, MaxWaiting).Select(job => LaneOf(job.Value?.Job)).OfType<LaneRef>()];
    }

    private static LaneRef? LaneOf(Job? job) => job?.Args is [Guid account, Guid id, int lane, ..] ? new LaneRef(account, id, lane) : null;

    [LoggerMessage(330, LogLevel.Warning, "{Lanes} lanes may not have been queued; the sweeper will wake them again: {Reason}")]
    private partial void LogNotQueued(int lanes, string reason);

    private readonly record struct Wanted(LaneRef Lane, bool IsAlways);
}
