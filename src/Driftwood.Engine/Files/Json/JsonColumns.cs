namespace Driftwood.Engine.Files.Json;

/// <summary>The columns of a file: the paths of all members, in the order of their first appearance.</summary>
internal sealed class JsonColumns
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<string> _paths = [];
    private readonly List<bool> _haveValues = [];
    private bool _isClosed;

    public JsonColumns() => _lookup = _places.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The paths, which are the names of the columns.</summary>
    public IReadOnlyList<string> Paths => _paths;

    /// <summary>The place of a path's column, which is added unless the columns are closed; -1 if there is none.</summary>
    public int Of(ReadOnlySpan<char> path)
    {
        if (_lookup.TryGetValue(path, out var place)) return place;
        if (_isClosed) return -1;
        place = _paths.Count;
        var added = path.ToString();
        _paths.Add(added);
        _haveValues.Add(false);
        _places.Add(added, place);
        return place;
    }

    /// <summary>Takes the columns back that a record added which turned out to be broken.</summary>
    public void CutTo(int count)
    {
        for (var place = count; place < _paths.Count; place++) _places.Remove(_paths[place]);
        _haveValues.RemoveRange(count, _paths.Count - count);
        _paths.RemoveRange(count, _paths.Count - count);
    }

    /// <summary>Notes which columns have values.</summary>
    public void Note(ReadOnlySpan<string?> cells)
    {
        for (var place = 0; place < cells.Length; place++)
        {
            if (cells[place] is not null) _haveValues[place] = true;
        }
    }

    /// <summary>
    /// Ends the adding. An object that is null in some records has no column of its own: its members have columns.
    /// </summary>
    public void Close()
    {
        string[] kept = [.. _paths.Where((path, place) => _haveValues[place] || !IsParent(path))];
        CutTo(0);
        foreach (var path in kept) Of(path);
        _isClosed = true;
    }

    private bool IsParent(string path) => _paths.Exists(
        other => other.Length > path.Length && other[path.Length] == '.' && other.StartsWith(path, StringComparison.Ordinal));
}
