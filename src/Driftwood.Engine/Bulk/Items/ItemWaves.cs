namespace Driftwood.Engine.Bulk.Items;

/// <summary>
/// Orders items that may depend on each other: those that share a token (a record, a unique value, a match key), directly
/// or through others between them, get different waves, the earlier item the earlier wave. Through others too, because an
/// item gives up values that it does not name: those which an earlier one gave its record. Applying wave after
/// wave, each as a set, then equals applying item after item. Tokens are hashes: a collision only separates items that
/// could have gone together.
/// </summary>
internal sealed class ItemWaves
{
    private readonly Dictionary<ulong, int> _groupOfToken = [];
    private readonly List<int> _parents = [];
    private readonly List<int> _lastWaves = [];

    /// <summary>The wave, from 0, of the next item.</summary>
    public int Add(IReadOnlyCollection<ulong> tokens)
    {
        var group = _parents.Count;
        _parents.Add(group);
        var wave = 0;
        foreach (var token in tokens)
        {
            if (_groupOfToken.TryGetValue(token, out var known))
            {
                var root = RootOf(known);
                if (root != group) wave = Math.Max(wave, _lastWaves[root] + 1);
                _parents[root] = group;
            }

            _groupOfToken[token] = group;
        }

        _lastWaves.Add(wave);
        return wave;
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
