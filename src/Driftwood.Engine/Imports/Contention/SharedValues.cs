namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// Finds the keys that have a value in common with another key, among pairs of hashes. Holds each value once, in two
/// arrays of numbers: 16 bytes a value, whatever the number of pairs.
/// </summary>
/// <param name="capacity">The values to hold at first.</param>
/// <param name="found">Gets the keys.</param>
internal sealed class SharedValues(int capacity, HashSet<ulong> found)
{
    // The part of the arrays that must be free after a search, so that searches are rare.
    private const int MinRoom = 4; // a quarter

    private ulong[] _values = new ulong[Math.Max(capacity, 16)];
    private ulong[] _keys = new ulong[Math.Max(capacity, 16)];
    private int _count;

    public void Add(ulong value, ulong key)
    {
        if (_count == _values.Length) MakeRoom();
        _values[_count] = value;
        _keys[_count++] = key;
    }

    /// <summary>Searches the pairs added so far. One pair of each value is kept, to be compared with later ones.</summary>
    public void Find()
    {
        Array.Sort(_values, _keys, 0, _count);
        var kept = 0;
        for (int start = 0, end; start < _count; start = end)
        {
            end = start + 1;
            var shared = false;
            for (; end < _count && _values[end] == _values[start]; end++) shared |= _keys[end] != _keys[start];
            for (var i = start; shared && i < end; i++) found.Add(_keys[i]);
            (_values[kept], _keys[kept]) = (_values[start], _keys[start]);
            kept++;
        }

        _count = kept;
    }

    public void Clear() => _count = 0;

    private void MakeRoom()
    {
        Find();
        if (_count <= _values.Length - (_values.Length / MinRoom)) return;
        Array.Resize(ref _values, _values.Length * 2);
        Array.Resize(ref _keys, _keys.Length * 2);
    }
}
