namespace Driftwood.Engine.Faults;

/// <summary>Data that was read earlier is out of date. Nothing was applied: the caller reads it again and starts over.</summary>
public abstract class OutdatedException(string message) : Exception(message);

/// <summary>Others hold what is needed. Nothing was begun: try again after a moment.</summary>
public abstract class BusyException(string message) : Exception(message)
{
    /// <summary>The longest moment.</summary>
    public virtual TimeSpan MaxDelay => TimeSpan.FromMilliseconds(200);
}

/// <summary>Other writers changed the same records in every try. The chunk was rolled back: try again after a moment.</summary>
internal sealed class ContentionException(int tries)
    : Exception(FormattableString.Invariant($"Another writer changed the same records in each of {tries} tries."));
