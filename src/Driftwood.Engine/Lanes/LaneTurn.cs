namespace Driftwood.Engine.Lanes;

/// <summary>How long a worker keeps its lane before it looks whether another account's lane waits.</summary>
/// <param name="turn">The shortest turn, from the first chunk on.</param>
/// <param name="clock">The process's clock.</param>
internal sealed class LaneTurn(TimeSpan turn, TimeProvider clock)
{
    // The next worker has to open the lane anew, and to read a compressed file up to its cursor. A turn lasts at least so many
    // times as long as that took.
    private const int OpeningsInATurn = 4;

    // While nobody waits, looks are few beside chunks.
    private const int LooksInATurn = 4;

    private readonly long _claimed = clock.GetTimestamp();
    private TimeSpan? _end;
    private bool _hasProgress;

    /// <summary>Whether it is time to look. Never before a chunk was applied, so that every turn makes progress.</summary>
    public bool IsOver => _hasProgress && Held >= _end;

    private TimeSpan Held => clock.GetElapsedTime(_claimed);

    /// <summary>A chunk was read; with the first one the lane is open.</summary>
    public void NoteRead() => _end ??= Held + (turn > Held * OpeningsInATurn ? turn : Held * OpeningsInATurn);

    /// <summary>A chunk was applied.</summary>
    public void NoteProgress() => _hasProgress = true;

    /// <summary>Nobody waits: the lane is kept until the next look.</summary>
    public void Extend() => _end = Held + (turn / LooksInATurn);
}
