using System.Text;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Counts what separates several values in the cells of a column.</summary>
public sealed class CellSeparators
{
    /// <summary>The first values show it. A column of long texts costs no more.</summary>
    private const int MostValues = 10_000;

    private static readonly byte[][] Candidates = [.. All.Select(Encoding.UTF8.GetBytes)];

    private readonly long[] _counts = new long[Candidates.Length];
    private int _values;

    /// <summary>The separators that are looked for. One that contains no other sign is the surest.</summary>
    public static IReadOnlyList<string> All => [" ::: ", ";", "|", ","];

    /// <summary>The number of values that contain a separator.</summary>
    public long Count(string separator) => All.Index().Where(known => known.Item == separator).Sum(known => _counts[known.Index]);

    /// <summary>Counts a value.</summary>
    internal void Add(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty || _values == MostValues) return;
        _values++;
        for (var i = 0; i < Candidates.Length; i++)
        {
            if (value.IndexOf(Candidates[i]) >= 0) _counts[i]++;
        }
    }
}
