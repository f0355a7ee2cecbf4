using System.Runtime.InteropServices;

namespace Driftwood.Engine.Staging;

/// <summary>
/// Orders rows that depend on each other: two rows that share a token (a match key, a unique value, a record) get
/// different waves, the earlier row the earlier wave. Applying wave after wave, each as a set, then equals applying
/// row after row. Tokens are hashes, 0 for none: a collision only separates rows that could have gone together.
/// Rows that share a token of the second kind may go together, as a wave has them in file order, but never a later row in an
/// earlier wave.
/// </summary>
/// <param name="values">
/// How many of a row's tokens, after the first, are unique values that a later row with the same first token (its match
/// key) may give up again by changing the record: such a row depends on the rows with those values too.
/// </param>
/// <param name="repeatsGoTogether">That rows share a first token with one another does not part them, if only they come after the first that has it.</param>
internal sealed class Waves(int values, bool repeatsGoTogether = false)
{
    private readonly Dictionary<ulong, int> _last = [];

    // The values set by the rows of a key, as a chain from the latest: the place of its first link, and a value with the place of the next.
    private readonly Dictionary<ulong, int> _valuesOfKey = [];
    private readonly List<(ulong Value, int Next)> _links = [];
    private readonly List<ulong> _givenUp = [];

    /// <summary>Waves used so far.</summary>
    public int Count { get; private set; }

    /// <summary>Begins anew.</summary>
    public void Clear()
    {
        Count = 0;
        _last.Clear();
        _valuesOfKey.Clear();
        _links.Clear();
    }

    /// <summary>The wave a row with these tokens would get, from 0.</summary>
    public int Peek(ReadOnlySpan<ulong> tokens, ReadOnlySpan<ulong> together) =>
        Math.Max(Math.Max(Past(tokens, 1), Past(GivenUp(tokens), 1)), Past(together, 0));

    public void Add(ReadOnlySpan<ulong> tokens, ReadOnlySpan<ulong> together, int wave)
    {
        Mark(tokens, wave);
        Mark(together, wave);
        var givenUp = GivenUp(tokens);
        Mark(givenUp, wave);
        Count = Math.Max(Count, wave + 1);
        if (values == 0 || tokens[0] == 0) return;
        foreach (var value in tokens.Slice(1, values))
        {
            if (value == 0 || givenUp.Contains(value)) continue;
            ref var first = ref CollectionsMarshal.GetValueRefOrAddDefault(_valuesOfKey, tokens[0], out var known);
            _links.Add((value, known ? first : -1));
            first = _links.Count - 1;
        }
    }

    private ReadOnlySpan<ulong> GivenUp(ReadOnlySpan<ulong> tokens)
    {
        _givenUp.Clear();
        if (values == 0 || !_valuesOfKey.TryGetValue(tokens[0], out var place)) return [];
        for (; place >= 0; place = _links[place].Next) _givenUp.Add(_links[place].Value);
        return CollectionsMarshal.AsSpan(_givenUp);
    }

    private int Past(ReadOnlySpan<ulong> tokens, int waves)
    {
        var wave = 0;
        foreach (var token in tokens)
        {
            if (token != 0 && _last.TryGetValue(token, out var earlier)) wave = Math.Max(wave, earlier + waves);
        }

        return wave;
    }

    private void Mark(ReadOnlySpan<ulong> tokens, int wave)
    {
        foreach (var token in tokens)
        {
            if (token == 0) continue;
            if (repeatsGoTogether) _last.TryAdd(token, wave);
            else _last[token] = wave;
        }
    }
}
