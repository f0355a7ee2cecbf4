using Driftwood.Engine.Faults;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Draws faults for a while: first each kind once, in any order, then by weight.</summary>
internal sealed class Injectors : IDisposable
{
    private const int AtOnce = 3;

    private readonly Stage _stage;
    private readonly Random _random;
    private readonly SemaphoreSlim _room = new(AtOnce);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Queue<Fault> _lap;
    private readonly Fault[] _faults;
    private readonly Fault _kill;

    public Injectors(Stage stage, CampaignServer server, Recoveries recoveries, Random random)
    {
        (_stage, _random) = (stage, random);
        var (processes, database) = (new ProcessFaults(stage, recoveries, random), new DatabaseFaults(stage, server, random));
        _kill = new Fault(FaultLog.KillOfWorker, 60, processes.KillWorkerAsync);
        _faults =
        [
            _kill,
            new("F1 kill -9 of an API node", 4, processes.KillApiAsync),
            new(FaultLog.Storm, 2, processes.StormAsync),
            new("F2 kill -9 of the postmaster", 7, database.CrashAsync),
            new("F3 all sessions terminated", 5, database.TerminateAsync),
            new("F3 all sessions terminated, fast in a row", 4, database.TerminateInARowAsync),
            new("F4 way to the database cut", 5, kind => database.DisturbWayAsync(kind, Way.Cut)),
            new("F4 way to the database slow", 3, kind => database.DisturbWayAsync(kind, Way.Slow)),
            new("F4 way half open, all swallowed", 4, kind => database.DisturbWayAsync(kind, Way.Swallowing)),
            new("F4 way half open, requests late", 3, kind => database.DisturbWayAsync(kind, Way.RequestsHeld)),
            new("F4 way half open, answers late", 3, kind => database.DisturbWayAsync(kind, Way.AnswersHeld)),
            new("F11 worker stalled beyond its lease", 8, processes.StallAsync),
            new("F13 SIGTERM", 6, processes.TerminateAsync),
            new("F13 SIGTERM, then SIGKILL", 5, processes.TerminateAndKillAsync),
            new("F15 clock an hour off", 3, processes.MoveClockAsync),
        ];
        var lap = _faults.Where(fault => stage.Settings.Injects(fault.Kind)).ToArray();
        if (lap.Length == 0) throw new ArgumentException("None of these faults is one of a campaign's.", nameof(stage));
        random.Shuffle(lap);
        _lap = new Queue<Fault>(lap);
        _faults = lap;
    }

    /// <summary>Says whether each kind has been injected once.</summary>
    public bool IsLapDone => _lap.Count == 0;

    /// <summary>Injects faults for a while. Returns when every fault has ended.</summary>
    public async Task RunAsync(TimeSpan duration)
    {
        var end = _stage.Faults.Now + duration;
        List<Task> begun = [];
        while (_stage.Faults.Now < end)
        {
            var fault = _lap.TryDequeue(out var next) ? next : Draw();
            begun.Add(InjectAsync(fault));
            await UntilThereIsRoomAsync();
            await Task.Delay(_stage.Settings.Gap * _random.NextDouble());
        }

        await Task.WhenAll(begun);
    }

    /// <summary>Only kills workers for a while, one after the other, at random moments up to a lease apart.</summary>
    public async Task KillAsync(TimeSpan duration)
    {
        var end = _stage.Faults.Now + duration;
        while (_stage.Faults.Now < end)
        {
            await InjectAsync(_kill);
            await Task.Delay(_stage.Settings.Lease * _random.NextDouble());
        }
    }

    public void Dispose()
    {
        _room.Dispose();
        _turn.Dispose();
    }

    private async Task InjectAsync(Fault fault)
    {
        // A storm runs alone. With other kills beside it, more than one worker would die in each half lease.
        var share = fault.Kind == FaultLog.Storm ? AtOnce : 1;
        await _turn.WaitAsync();
        for (var i = 0; i < share; i++) await _room.WaitAsync();
        _turn.Release();
        try
        {
            await fault.InjectAsync(fault.Kind);
        }
        finally
        {
            _room.Release(share);
        }
    }

    private async Task UntilThereIsRoomAsync()
    {
        await _turn.WaitAsync();
        await _room.WaitAsync();
        _room.Release();
        _turn.Release();
    }

    private Fault Draw()
    {
        var ticket = _random.Next(_faults.Sum(fault => fault.Weight));
        return _faults.First(fault => (ticket -= fault.Weight) < 0);
    }

    /// <param name="Kind">The fault's number and description.</param>
    /// <param name="Weight">How often the fault is drawn.</param>
    /// <param name="InjectAsync">Injects the fault. It returns when the fault has ended.</param>
    private sealed record Fault(string Kind, int Weight, Func<string, Task> InjectAsync);
}
