using System.Buffers.Binary;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// Hashes by which the rows of a file are told apart, for the contested-key scan and the lanes alike. They depend on the file
/// alone, not on any property of a field that may change while an import runs: a row must never move to another lane.
/// </summary>
internal sealed class RowKeys(ImportPlan plan) : IDisposable
{
    // Keeps the numbers of rows without a match key apart from match keys (seed 0) and unique values (1, 2, …).
    private const ulong RowSeed = 4_000;

    private readonly CellFormat _cells = plan.Cells;
    private readonly ByteBuffer _key = new(256);

    /// <summary>The hash of the row's match key. For a blank key, the hash of the row number: the row is a key of its own.</summary>
    public ulong OfRow(RowReader rows, out bool isBlank)
    {
        _key.Length = 0;
        if (plan.Match is { } match) Write(match.Field, rows[match.Index]);
        isBlank = _key.Length == 0;
        return isBlank ? OfNumber(rows.RowNumber) : KeyHash.Of(_key.Written);
    }

    /// <summary>The hash of the row's value in one of the plan's other unique columns; 0 if it is blank.</summary>
    public ulong OfUnique(RowReader rows, int index)
    {
        var column = plan.OtherUnique[index];
        _key.Length = 0;
        Write(column.Field, rows[column.Index]);
        return _key.Length == 0 ? 0 : KeyHash.Of(_key.Written, (ulong)index + 1);
    }

    /// <summary>The hash that <see cref="OfRow"/> has for rows that match a record with this stored match key.</summary>
    public ulong OfStored(ReadOnlySpan<byte> key)
    {
        _key.Length = 0;
        if (plan.Match!.Field.Kind == FieldKind.Choice) MatchKeys.Write(MatchKeyKind.Name, key, _key);
        else _key.Append(key);
        return KeyHash.Of(_key.Written);
    }

    public void Dispose() => _key.Dispose();

    private static ulong OfNumber(long row)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, row);
        return KeyHash.Of(number, RowSeed);
    }

    private void Write(Field field, scoped ReadOnlySpan<byte> value)
    {
        // Numbers and dates have many spellings, and mail programs write more than the address, so the key is made from the stored form
        // where that may differ. The key of a choice is made from the cell,
        // because the field's options may change.
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        value = CellText.Of(value, field.Type.IsDate, _cells);
        var isChanged = field.IsCustom ? field.Kind != FieldKind.Choice : _cells.TakesFirst || !field.Type.IsKept(value, _cells);
        if (isChanged && CellReader.TryRead(field, value, scratch, out var stored, out _, _cells)) value = stored;

        // An id has no stored key; its letters may be of either case.
        MatchKeys.Write(field.Kind == FieldKind.Choice ? MatchKeyKind.Name : field.MatchKey ?? MatchKeyKind.Email, value, _key);
    }
}
