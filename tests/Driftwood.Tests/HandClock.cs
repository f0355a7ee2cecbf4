namespace Driftwood.Tests;

/// <summary>A clock whose time stamps pass by hand.</summary>
internal sealed class HandClock : TimeProvider
{
    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _passed.Ticks;

    public void Pass(double seconds) => _passed += TimeSpan.FromSeconds(seconds);
}
