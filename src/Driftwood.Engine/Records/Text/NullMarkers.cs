using System.Text;

namespace Driftwood.Engine.Records.Text;

/// <summary>The cells that stand for no value, such as <c>NULL</c>. Case counts: Null is a surname.</summary>
public sealed class NullMarkers
{
    /// <summary>The most that an import may have.</summary>
    public const int Max = 100;

    /// <summary>The most characters of each.</summary>
    public const int MaxLength = 100;

    private readonly byte[][] _markers;
    private readonly int _longest;
    private readonly bool[] _firstBytes = new bool[256];

    private NullMarkers(byte[][] markers)
    {
        _markers = markers;
        _longest = markers.Max(marker => marker.Length);
        foreach (var marker in markers) _firstBytes[marker[0]] = true;
    }

    /// <summary>The markers, prepared for look-ups; null if there are none.</summary>
    public static NullMarkers? Of(IEnumerable<string> markers)
    {
        byte[][] trimmed = [.. markers.Select(Blank.Trim).Where(marker => marker.Length > 0).Distinct().Select(Encoding.UTF8.GetBytes)];
        return trimmed.Length == 0 ? null : new NullMarkers(trimmed);
    }

    /// <summary>The place of a trimmed cell among the markers, or -1.</summary>
    internal int IndexOf(ReadOnlySpan<byte> cell)
    {
        if (cell.Length > _longest || cell.IsEmpty || !_firstBytes[cell[0]]) return -1;
        for (var i = 0; i < _markers.Length; i++)
        {
            if (cell.SequenceEqual(_markers[i])) return i;
        }

        return -1;
    }

    /// <summary>Whether a trimmed cell stands for no value.</summary>
    internal bool Contains(ReadOnlySpan<byte> cell) => IndexOf(cell) >= 0;
}
