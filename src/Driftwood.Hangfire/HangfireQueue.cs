using System.Diagnostics;
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

    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);

    // Reached only while Hangfire's tables cannot be. Further wake-ups are dropped.
    private const int MaxPending = 10_000;

    // The number is "drifhanh". A node that hangs loses the lock, since a ticket too many does no harm.
    private const string LockOutOthers =
        "set local lock_timeout = '1s'; set local idle_in_transaction_session_timeout = '5s'; "
            + "select pg_advisory_xact_lock(7237963439696604776)";

    private readonly Channel<Wanted> _pending = Channel.CreateBounded<Wanted>(
        new BoundedChannelOptions(MaxPending) { SingleReader = true });
    private Task _writing = Task.CompletedTask;
    private int _room = MaxWaiting; // the tickets that may be queued before the waiting ones are counted again
    private long _countedAt = Stopwatch.GetTimestamp();

    /// <summary>
    /// Queues a ticket for each lane. A waiting ticket in the lane's name does not count: the lane is new, or the ticket may stand for
    /// the lane that an ended one was queued for.
    /// </summary>
    public Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken) => AddAsync(lanes, isRepeated: false);

    /// <summary>
    /// Queues a ticket for each lane that has none: the sweeper of every node wakes the same lanes every few seconds, and must not
    /// pile up tickets behind busy workers.
    /// </summary>
    public Task WakeAgainAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken) => AddAsync(lanes, isRepeated: true);

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

    private Task AddAsync(IReadOnlyList<LaneRef> lanes, bool isRepeated)
    {
        foreach (var lane in lanes) _pending.Writer.TryWrite(new Wanted(lane, isRepeated));
        return Task.CompletedTask;
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
            if (batch.Count <= _room && !batch.Exists(wanted => wanted.IsRepeated)) WriteNew(batch);
            else WriteMissing(batch);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or BackgroundJobClientException)
        {
            LogNotQueued(batch.Count, exception.GetBaseException().Message);
        }
    }

    /// <summary>Queues tickets at once: somebody waits for new lanes. The waiting tickets are counted afterwards.</summary>
    private void WriteNew(List<Wanted> batch)
    {
        foreach (var wanted in batch) Queue(wanted.Lane);
        _room -= batch.Count;
        if (Stopwatch.GetElapsedTime(_countedAt) < CountInterval) return;
        NoteWaiting(storage.GetMonitoringApi().EnqueuedCount(HangfireSettings.Queue));
    }

    /// <summary>Queues a ticket for each lane that is new or has none, while there is room.</summary>
    private void WriteMissing(List<Wanted> batch)
    {
        // Two nodes that wake the same lanes at the same time would both find no ticket waiting.
        using NpgsqlConnection connection = new(settings.OwnConnectionString);
        connection.Open();
        using var transaction = connection.BeginTransaction();
        TryLock(connection);
        var waiting = ListWaiting();
        var missing = batch.Where(wanted => waiting.Add(wanted.Lane) || !wanted.IsRepeated);
        foreach (var wanted in missing.TakeWhile(_ => waiting.Count <= MaxWaiting)) Queue(wanted.Lane);
        NoteWaiting(waiting.Count);
    }

    private void Queue(LaneRef wanted)
    {
        var (account, id, lane) = wanted;
        jobs.Create(
            Job.FromExpression<LaneTicket>(ticket => ticket.RunAsync(account, id, lane, CancellationToken.None)),
            new EnqueuedState(HangfireSettings.Queue));
    }

    private void NoteWaiting(long count)
    {
        _room = (int)Math.Max(0, MaxWaiting - count);
        _countedAt = Stopwatch.GetTimestamp();
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

    private readonly record struct Wanted(LaneRef Lane, bool IsRepeated);
}
