namespace Driftwood.Engine.Imports.Encode;

/// <summary>The numbers that are left for the names of new records.</summary>
internal sealed class RecordNumbers
{
    private long _next;
    private long _end;

    public long Left => _end - _next;

    /// <summary>Gives numbers in place of those left.</summary>
    public void Give(long first, int count) => (_next, _end) = (first, first + count);

    public long Take() => _next++;
}
