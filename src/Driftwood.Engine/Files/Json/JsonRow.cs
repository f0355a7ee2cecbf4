using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Json;

/// <summary>Reads one object after the other as the cells of a row.</summary>
internal sealed class JsonRow(JsonColumns columns)
{
    /// <summary>Objects that are columns of their own, one inside the other. What is deeper is a cell of JSON.</summary>
    public const int MaxLevels = 8;

    /// <summary>Objects and lists inside each other.</summary>
    public const int MaxDepth = 64;

    /// <summary>Bytes of a member's name with those around it.</summary>
    public const int MaxPath = 1_000;

    // The reader itself must not stop at a depth: it could not tell that from text that is no JSON.
    private static readonly JsonReaderOptions Reading = new() { MaxDepth = FileLimits.MaxRecordBytes };

    private readonly char[] _path = new char[MaxPath];
    private readonly StringBuilder _list = new();
    private string?[] _cells = new string?[64];
    private long[] _set = new long[64]; // the row in which a cell was set last
    private long _row;
    private int _count;
    private Fault? _fault;

    /// <summary>The row's cells; null where there is none.</summary>
    public ReadOnlySpan<string?> Cells => _cells.AsSpan(0, _count);

    /// <summary>The first member of the row that is a cell of JSON, because it has no other form; null if there is none.</summary>
    public string? Nested { get; private set; }

    /// <summary>Reads a record. Returns why it cannot be a row, or null.</summary>
    public Fault? Read(JsonRecords records)
    {
        Array.Clear(_cells, 0, _count);
        (_count, _fault, Nested) = (0, null, null);
        _row++;
        var json = records.Record.Span;
        if (records.IsTooLarge) return JsonFault.TooLarge;
        if (json.Contains((byte)0) || !Utf8.IsValid(json)) return CellFaults.Characters;
        try
        {
            ReadRecord(json);
        }
        catch (JsonException broken)
        {
            return JsonFault.NotJson(broken);
        }
        catch (InvalidOperationException)
        {
            // The reader says so of text with half a surrogate pair, which is no Unicode.
            return CellFaults.Characters;
        }

        return _fault ?? (Size() > FileLimits.MaxRecordBytes ? JsonFault.TooLarge : null);
    }

    private void ReadRecord(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, Reading);
        if (!reader.Read()) return;
        var kind = reader.TokenType;
        if (kind == JsonTokenType.StartObject) ReadObject(json, ref reader, 0, 1);
        else Skip(ref reader);
        // Whatever follows the record is read too, because the record is no JSON then.
        while (_fault is null && reader.Read())
        {
        }

        if (kind != JsonTokenType.StartObject) _fault ??= JsonFault.NotObject(kind);
    }

    private void ReadObject(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, int length, int level)
    {
        while (_fault is null && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var dot = level == 1 ? 0 : 1;
            if (length + dot + reader.ValueSpan.Length > MaxPath)
            {
                _fault = JsonFault.LongName;
                return;
            }

            if (dot > 0) _path[length] = '.';
            var end = length + dot + reader.CopyString(_path.AsSpan(length + dot));
            reader.Read();
            ReadValue(json, ref reader, end, level);
        }
    }

    private void ReadValue(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, int length, int level)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                if (!TryReadList(ref reader, length)) ReadNested(json, ref reader, length);
                break;
            case JsonTokenType.StartObject when IsEmpty(reader):
                reader.Read();
                Set(length, null);
                break;
            case JsonTokenType.StartObject when level < MaxLevels:
                ReadObject(json, ref reader, length, level + 1);
                break;
            case JsonTokenType.StartObject:
                ReadNested(json, ref reader, length);
                break;
            case JsonTokenType.String:
                Set(length, JsonCell.Kept(reader.GetString()!));
                break;
            default:
                Set(length, JsonCell.Scalar(ref reader));
                break;
        }
    }

    private static bool IsEmpty(Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.EndObject;

    // The values of a list stand in one cell, as tags do.
    private bool TryReadList(ref Utf8JsonReader reader, int length)
    {
        var list = reader;
        _list.Clear();
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            if (list.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) return false;
            if (JsonCell.Scalar(ref list) is { Length: > 0 } value) JsonCell.Append(_list, value);
        }

        reader = list;
        Set(length, JsonCell.Kept(_list.ToString()));
        return true;
    }

    private void ReadNested(ReadOnlySpan<byte> json, ref Utf8JsonReader reader, int length)
    {
        var start = (int)reader.TokenStartIndex;
        Skip(ref reader);
        Nested ??= new string(_path, 0, length);
        Set(length, Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]));
    }

    private void Skip(ref Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject)) return;
        var depth = reader.CurrentDepth;
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.CurrentDepth > MaxDepth) _fault ??= JsonFault.TooDeep;
        }
    }

    private void Set(int length, string? cell)
    {
        var place = columns.Of(_path.AsSpan(0, length));
        if (place < 0) return;
        if (place >= _cells.Length)
        {
            Array.Resize(ref _cells, Math.Max(place + 1, 2 * _cells.Length));
            Array.Resize(ref _set, _cells.Length);
        }

        if (_set[place] == _row) _fault ??= JsonFault.Twice(new string(_path, 0, length));
        _set[place] = _row;
        _cells[place] = string.IsNullOrEmpty(cell) ? null : cell;
        _count = Math.Max(_count, place + 1);
    }

    // At most the bytes of the row as delimited text.
    private long Size()
    {
        var size = 0L;
        foreach (var cell in Cells) size += 3 + (cell is null ? 0 : Encoding.UTF8.GetByteCount(cell) + cell.AsSpan().Count('"'));
        return size + 100;
    }
}
