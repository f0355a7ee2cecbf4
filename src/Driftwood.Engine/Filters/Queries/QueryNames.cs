using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>
/// Finds what a query names: by key, else by label, both without case; a name that begins with an underscore is tried
/// without it as well, since Fulcrum spells its own columns so.
/// </summary>
internal sealed class QueryNames<T>
{
    private readonly Dictionary<string, T> _byKey = new(StringComparer.OrdinalIgnoreCase);
    private readonly ILookup<string, T> _byLabel;

    public QueryNames(IEnumerable<T> things, Func<T, string> key, Func<T, string> label)
    {
        T[] all = [.. things];
        foreach (var thing in all) _byKey.TryAdd(key(thing), thing);
        _byLabel = all.ToLookup(thing => Fold(label(thing)));
        Keys = [.. all.Select(key)];
    }

    public IReadOnlyList<string> Keys { get; }

    /// <summary>None where there is nothing of that name, several where labels are the same.</summary>
    public IReadOnlyList<T> Find(string name)
    {
        var found = FindExactly(name);
        return found.Count == 0 && name.StartsWith('_') ? FindExactly(name[1..]) : found;
    }

    private IReadOnlyList<T> FindExactly(string name) => _byKey.TryGetValue(name, out var thing) ? [thing] : [.. _byLabel[Fold(name)]];

    private static string Fold(string name) => MatchKeys.Of(MatchKeyKind.Name, name) ?? "";
}
