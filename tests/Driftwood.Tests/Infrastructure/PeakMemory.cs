namespace Driftwood.Tests.Infrastructure;

/// <summary>
/// Watches how much managed memory is in use at most. It collects garbage again and again, so that only what is held counts. Nothing else
/// may run meanwhile.
/// </summary>
internal sealed class PeakMemory : IDisposable
{
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _watch;
    private readonly long _before;
    private long _peak;

    public PeakMemory()
    {
        Held();
        GC.WaitForPendingFinalizers();
        _before = Held();
        _watch = new Thread(Watch) { IsBackground = true };
        _watch.Start();
    }

    /// <summary>The bytes beyond those at the beginning.</summary>
    public long Stop()
    {
        _stop.Set();
        _watch.Join();
        return _peak - _before;
    }

    public void Dispose()
    {
        if (_watch.IsAlive) Stop();
        _stop.Dispose();
    }

    private void Watch()
    {
        do _peak = Math.Max(_peak, Held());
        while (!_stop.Wait(TimeSpan.FromMilliseconds(5)));
    }

    private static long Held()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);
        return GC.GetTotalMemory(forceFullCollection: false);
    }
}
