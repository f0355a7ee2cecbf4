namespace Driftwood.Engine.Imports;

/// <summary>
/// Orders rows that depend on each other: two rows that share a token (a match key, a unique value, a record) get
/// different waves, the earlier row the earlier wave. Applying wave after wave, each as a set, then equals applying
/// row after row. Tokens are hashes: a collision only separates rows that could have gone together.
/// </summary>
internal sealed class Waves
{
    private readonly Dictionary<ulong, int> last = [];

    /// <summary>Waves used so far.</summary>
    public int Count { get; private set; }

    /// <summary>The wave a row with these tokens would get, from 0.</summary>
    public int Peek(ReadOnlySpan<ulong> tokens)
    {
        var wave = 0;
        foreach (var token in tokens)
        {
            if (token != 0 && last.TryGetValue(token, out var earlier)) wave = Math.Max(wave, earlier + 1);
        }

        return wave;
    }

    public void Add(ReadOnlySpan<ulong> tokens, int wave)
    {
        foreach (var token in tokens)
        {
            if (token != 0) last[token] = wave;
        }

        Count = Math.Max(Count, wave + 1);
    }
}
