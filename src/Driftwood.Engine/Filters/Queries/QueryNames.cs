using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Filters.Queries;

/// <summary>
/// Finds the field or type with a name in a query, first by key, then by label, both without case. A name that begins with an
/// underscore is also tried without it, because Fulcrum writes its own columns that way.
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

    /// <summary>The matches: none if nothing has the name, several if labels are equal.</summary>
    public IReadOnlyList<T> Find(string name)
    {
        var found = FindExactly(name);
        return found.Count == 0 && name.StartsWith('_') ? FindExactly(name[1..]) : found;
    }

    private IReadOnlyList<T> FindExactly(string name) => _byKey.TryGetValue(name, out var thing) ? [thing] : [.. _byLabel[Fold(name)]];

    private static string Fold(string name) => MatchKeys.Of(MatchKeyKind.Name, name) ?? "";
}
