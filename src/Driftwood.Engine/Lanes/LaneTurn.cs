namespace Driftwood.Engine.Lanes;

/// <summary>How long a worker keeps its lane before it checks whether another account's lane waits.</summary>
/// <param name="turn">The shortest turn, measured from the first chunk.</param>
/// <param name="clock">The process's clock.</param>
internal sealed class LaneTurn(TimeSpan turn, TimeProvider clock)
{
    // The next worker has to open the lane anew, and to read a compressed file up to its cursor. A turn lasts at least this many times as
    // long as opening took.
    private const int OpeningsInATurn = 4;

    // While nobody waits, checks are rare compared with chunks.
    private const int LooksInATurn = 4;

    private readonly long _claimed = clock.GetTimestamp();
    private TimeSpan? _end;
    private bool _hasProgress;

    /// <summary>Whether it is time to check. A turn never ends before a chunk was applied, so every turn makes progress.</summary>
    public bool IsOver => _hasProgress && Held >= _end;

    private TimeSpan Held => clock.GetElapsedTime(_claimed);

    /// <summary>A chunk was read. The first one shows that the lane is open.</summary>
    public void NoteRead() => _end ??= Held + (turn > Held * OpeningsInATurn ? turn : Held * OpeningsInATurn);

    /// <summary>A chunk was applied.</summary>
    public void NoteProgress() => _hasProgress = true;

    /// <summary>Nobody waits: the worker keeps the lane until the next check.</summary>
    public void Extend() => _end = Held + (turn / LooksInATurn);
}
