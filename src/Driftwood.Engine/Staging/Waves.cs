using System.Runtime.InteropServices;

namespace Driftwood.Engine.Staging;

/// <summary>
/// Orders rows that depend on each other. Two rows that share a token (a match key, a unique value, a record) get different
/// waves, the earlier row the earlier wave. Applying the waves in order, each as a set, then equals applying row after row.
/// Tokens are hashes, 0 for none: a collision only separates rows that could have gone together.
/// </summary>
/// <param name="linked">
/// Rows that share tokens only through rows between them are ordered too. A row needs that where it may give up values that
/// it does not name: those which an earlier row gave to the same record.
/// </param>
/// <param name="repeatsGoTogether">The rows that repeat a token share a wave, which comes after the first row that has the token.</param>
internal sealed class Waves(bool linked = false, bool repeatsGoTogether = false)
{
    /// <summary>
    /// The most waves of a chunk. A row that would need one more begins the next chunk, so that rows that repeat one key over
    /// and over do not make a transaction of thousands of statements.
    /// </summary>
    public const int Max = 64;

    private readonly Dictionary<ulong, int> _waveOfToken = [];

    // Linked rows: each row begins a group, which takes in the groups that have one of its tokens.
    private readonly Dictionary<ulong, int> _groupOfToken = [];
    private readonly List<int> _parents = [];
    private readonly List<int> _waveOfGroup = [];

    /// <summary>Waves used so far.</summary>
    public int Count { get; private set; }

    /// <summary>Forgets all rows.</summary>
    public void Clear()
    {
        Count = 0;
        _waveOfToken.Clear();
        _groupOfToken.Clear();
        _parents.Clear();
        _waveOfGroup.Clear();
    }

    /// <summary>The wave, from 0, that a row with these tokens would get.</summary>
    /// <param name="tokens">Keep rows apart.</param>
    /// <param name="together">Rows that share one may go together, as a wave has them in order, but a later row never goes before.</param>
    public int Peek(ReadOnlySpan<ulong> tokens, ReadOnlySpan<ulong> together)
    {
        var wave = 0;
        foreach (var token in tokens) wave = Math.Max(wave, LastWaveOf(token) + 1);
        foreach (var token in together)
        {
            if (token != 0 && _waveOfToken.TryGetValue(token, out var last)) wave = Math.Max(wave, last);
        }

        return wave;
    }

    /// <summary>Adds a row in the wave that <see cref="Peek"/> gave.</summary>
    public void Add(ReadOnlySpan<ulong> tokens, ReadOnlySpan<ulong> together, int wave)
    {
        if (linked) Link(tokens, wave);
        else Mark(tokens, wave);
        Mark(together, wave);
        Count = Math.Max(Count, wave + 1);
    }

    private int LastWaveOf(ulong token)
    {
        if (token == 0) return -1;
        if (linked) return _groupOfToken.TryGetValue(token, out var group) ? _waveOfGroup[RootOf(group)] : -1;
        return _waveOfToken.TryGetValue(token, out var wave) ? wave : -1;
    }

    private void Mark(ReadOnlySpan<ulong> tokens, int wave)
    {
        foreach (var token in tokens)
        {
            if (token == 0) continue;
            if (repeatsGoTogether) _waveOfToken.TryAdd(token, wave);
            else _waveOfToken[token] = wave;
        }
    }

    private void Link(ReadOnlySpan<ulong> tokens, int wave)
    {
        var group = _parents.Count;
        _parents.Add(group);
        _waveOfGroup.Add(wave);
        foreach (var token in tokens)
        {
            if (token == 0) continue;
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_groupOfToken, token, out var isKnown);
            if (isKnown) _parents[RootOf(known)] = group;
            known = group;
        }
    }

    private int RootOf(int group)
    {
        while (_parents[group] != group)
        {
            _parents[group] = _parents[_parents[group]];
            group = _parents[group];
        }

        return group;
    }
}
