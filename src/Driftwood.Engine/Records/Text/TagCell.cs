using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// The tags of one cell after another, by the rules of <see cref="TagSet"/>, but read and written as UTF-8: a file's tags do not
/// become strings. Not safe for use on several threads.
/// </summary>
internal sealed class TagCell : IDisposable
{
    // Each tag has its length before it. PostgreSQL's binary COPY uses this form for elements of an array.
    private readonly ByteBuffer _names = new(1 << 10);
    private readonly ByteBuffer _keys = new(1 << 10);

    /// <summary>The number of tags.</summary>
    public int Count { get; private set; }

    /// <summary>Replaces the tags with those of a cell. Returns null unless there are too many or one is bad.</summary>
    public Fault? Read(ReadOnlySpan<byte> cell, ReadOnlySpan<byte> delimiter)
    {
        Clear();
        cell = Blank.Trim(cell);
        if (cell.IsEmpty) return null;
        if (cell.Contains((byte)0) || !Utf8.IsValid(cell)) return CellFaults.Characters;
        Fault? fault = null;
        var mayBeQuoted = cell.Contains((byte)'"');
        while (Count <= TagSet.MaxTags)
        {
            if (mayBeQuoted && TryQuoted(ref cell, delimiter, out var quoted))
            {
                fault ??= Add(quoted);
                if (cell.IsEmpty) break;
                continue;
            }

            var end = cell.IndexOf(delimiter);
            var bad = Add(end < 0 ? cell : cell[..end]);
            fault ??= bad;
            if (end < 0) break;
            cell = cell[(end + delimiter.Length)..];
        }

        return fault ?? (Count > TagSet.MaxTags ? CellFaults.TooManyTags : null);
    }

    /// <summary>Adds the tags that are not present yet, until there are more than a record may have.</summary>
    public void Add(IReadOnlyList<byte[]> tags)
    {
        for (var i = 0; i < tags.Count && Count <= TagSet.MaxTags; i++) Add(tags[i]);
    }

    public void Clear()
    {
        Count = 0;
        _names.Length = 0;
        _keys.Length = 0;
    }

    /// <summary>Appends the tags in their own spelling, as a field of a COPY tuple.</summary>
    public void WriteNames(ByteBuffer tuples) => tuples.TextArray(Count, _names.Written);

    /// <summary>Appends the keys of the tags, as a field of a COPY tuple.</summary>
    public void WriteKeys(ByteBuffer tuples) => tuples.TextArray(Count, _keys.Written);

    public Tags Names => new(_names.Written);

    public Tags Keys => new(_keys.Written);

    public void Dispose()
    {
        _names.Dispose();
        _keys.Dispose();
    }

    // Some programs quote each tag: "VIP","Berlin, Germany". The quotes go, and a delimiter inside them is part of the tag.
    private static bool TryQuoted(ref ReadOnlySpan<byte> cell, ReadOnlySpan<byte> delimiter, out ReadOnlySpan<byte> tag)
    {
        tag = default;
        var rest = Blank.Trim(cell);
        if (rest.IsEmpty || rest[0] != '"') return false;
        var hasEscapes = false;
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] != '"') continue;
            if (i + 1 < rest.Length && rest[i + 1] == '"')
            {
                hasEscapes = true;
                i++;
                continue;
            }

            var after = rest[(i + 1)..];
            var next = after.IndexOf(delimiter);
            if (!Blank.Trim(next < 0 ? after : after[..next]).IsEmpty) return false;
            tag = rest[1..i];
            if (hasEscapes) tag = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(tag).Replace("\"\"", "\"", StringComparison.Ordinal));
            cell = next < 0 ? default : after[(next + delimiter.Length)..];
            return true;
        }

        return false;
    }

    private Fault? Add(ReadOnlySpan<byte> tag)
    {
        var (name, key) = (_names.Length, _keys.Length);
        var start = _names.BeginField();
        var length = AppendCollapsed(tag);
        if (length == 0)
        {
            _names.Length = name;
            return null;
        }

        var written = _names.EndField(start);
        var keyStart = _keys.BeginField();
        MatchKeys.Write(MatchKeyKind.Name, written, _keys);
        if (Has(_keys.EndField(keyStart), key)) (_names.Length, _keys.Length) = (name, key);
        else Count++;
        return length > TagSet.MaxTagLength ? CellFaults.TagTooLong(length) : null;
    }

    private bool Has(ReadOnlySpan<byte> key, int before)
    {
        foreach (var other in new Tags(_keys.Written[..before]))
        {
            if (other.SequenceEqual(key)) return true;
        }

        return false;
    }

    /// <summary>Appends a tag with its white space collapsed. Returns its length in Unicode scalar values.</summary>
    private int AppendCollapsed(ReadOnlySpan<byte> tag)
    {
        var length = 0;
        if (Ascii.IsValid(tag))
        {
            var start = _names.Length;
            length = Blank.CollapseAscii(tag, _names.Take(tag.Length));
            _names.Length = start + length;
            return length;
        }

        var pendingSpace = false;
        while (!tag.IsEmpty)
        {
            Rune.DecodeFromUtf8(tag, out var rune, out var used);
            tag = tag[used..];
            if (Blank.IsBlank(rune))
            {
                pendingSpace = length > 0;
                continue;
            }

            if (pendingSpace)
            {
                _names.Append((byte)' ');
                length++;
            }

            pendingSpace = false;
            _names.Append(rune);
            length++;
        }

        return length;
    }

    /// <summary>Tags one after the other, each preceded by its length.</summary>
    public ref struct Tags(ReadOnlySpan<byte> elements)
    {
        private ReadOnlySpan<byte> _rest = elements;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly Tags GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            var length = BinaryPrimitives.ReadInt32BigEndian(_rest);
            Current = _rest.Slice(sizeof(int), length);
            _rest = _rest[(sizeof(int) + length)..];
            return true;
        }
    }
}
