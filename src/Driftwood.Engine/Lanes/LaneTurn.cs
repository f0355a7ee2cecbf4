namespace Driftwood.Engine.Lanes;

/// <summary>How long a worker keeps its lane before it looks whether another account's lane waits.</summary>
/// <param name="turn">At least so long, from the first chunk on.</param>
/// <param name="clock">The process's.</param>
internal sealed class LaneTurn(TimeSpan turn, TimeProvider clock)
{
    // Whoever takes the lane up again has to open it anew, and to read a compressed file up to its cursor: a small part of
    // the turn, however long that takes.
    private const int WorthOpening = 4;

    // While nobody waits, looks are few beside chunks.
    private const int LooksInATurn = 4;

    private readonly long _claimed = clock.GetTimestamp();
    private TimeSpan? _end;
    private bool _isWorth;

    /// <summary>Whether it is time to look. Not before a chunk was applied: every turn makes progress.</summary>
    public bool IsOver => _isWorth && Held >= _end;

    private TimeSpan Held => clock.GetElapsedTime(_claimed);

    /// <summary>A chunk was read; with the first one the lane is open.</summary>
    public void NoteRead() => _end ??= Held + (turn > Held * WorthOpening ? turn : Held * WorthOpening);

    /// <summary>A chunk was applied.</summary>
    public void NoteProgress() => _isWorth = true;

    /// <summary>Nobody waits, and so the lane is kept for another while.</summary>
    public void Extend() => _end = Held + (turn / LooksInATurn);
}
