namespace Driftwood.Engine.Imports.Encode;

/// <summary>The remaining numbers for the names of new records.</summary>
internal sealed class RecordNumbers
{
    private long _next;
    private long _end;

    public long Left => _end - _next;

    /// <summary>Replaces the remaining numbers.</summary>
    public void Give(long first, int count) => (_next, _end) = (first, first + count);

    public long Take() => _next++;
}
