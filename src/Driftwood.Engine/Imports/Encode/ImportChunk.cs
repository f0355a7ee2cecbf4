using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>
/// Rows read, checked and encoded for COPY before any transaction is opened. Rows of one wave share no match key and
/// no unique value, so they may be applied as a set; waves are applied in order.
/// </summary>
/// <param name="cursor">The lane's cursor before it.</param>
/// <param name="buffers">Its rows' buffers, emptied.</param>
internal sealed class ImportChunk(long cursor, ChunkBuffers buffers) : LaneChunk(cursor)
{
    private int _keyTokens; // per row
    private int _companyTokens; // per row
    private int _companyValues; // per row

    /// <inheritdoc cref="ChunkBuffers.Tuples"/>
    public ByteBuffer Tuples => buffers.Tuples;

    /// <inheritdoc cref="ChunkBuffers.Raws"/>
    public ByteBuffer Raws => buffers.Raws;

    public List<StagedRow> Staged => buffers.Staged;

    /// <inheritdoc cref="ChunkBuffers.Blank"/>
    public List<long> Blank => buffers.Blank;

    /// <summary>Rows refused because of their content in the file.</summary>
    public List<FailedRow> Failed { get; } = [];

    /// <summary>Bytes stored for <see cref="Failed"/>.</summary>
    public long FailedBytes { get; set; }

    /// <summary>Bytes held, which bound a chunk of wide rows.</summary>
    public long Bytes => Tuples.Length + Raws.Length + FailedBytes;

    /// <summary>Staged rows refused because of the state of the database.</summary>
    public List<FailedRow> Refused { get; } = [];

    /// <summary>Rows applied with a warning.</summary>
    public List<WarnedRow> Warned { get; } = [];

    /// <summary>Staged rows with cells that are kept only in part. They are warned of unless the database refuses them.</summary>
    public List<WarnedRow> Partial { get; } = [];

    public int Waves { get; set; }

    /// <summary>Some row lacks a value that a new record needs. The row fails unless it matches a record.</summary>
    public bool LacksRequired { get; set; }

    /// <summary>Rows of this lane in the chunk.</summary>
    public override int Count => Staged.Count + Failed.Count + Blank.Count;

    /// <summary>Keeps the tokens of a row that is staged.</summary>
    public void AddTokens(RowTokens tokens)
    {
        buffers.Tokens.AddRange(tokens.Keys);
        buffers.CompanyTokens.AddRange(tokens.Company);
        (_keyTokens, _companyTokens) = (tokens.Keys.Length, tokens.Company.Length);
    }

    /// <summary>Keeps the values that a row that is staged has for its company.</summary>
    public void AddCompanyValues(List<string?> values)
    {
        buffers.CompanyValues.AddRange(values);
        _companyValues = values.Count;
    }

    /// <inheritdoc cref="TupleEncoder.OfCompany"/>
    public IReadOnlyList<string?> CompanyValuesOf(int seq) => buffers.CompanyValues.GetRange(seq * _companyValues, _companyValues);

    /// <inheritdoc cref="RowTokens.Keys"/>
    public ReadOnlySpan<ulong> KeyTokens(int seq) => Tokens(buffers.Tokens, seq, _keyTokens);

    /// <inheritdoc cref="RowTokens.Company"/>
    public ReadOnlySpan<ulong> CompanyTokens(int seq) => Tokens(buffers.CompanyTokens, seq, _companyTokens);

    public ReadOnlyMemory<byte> RawOf(StagedRow row) => Raws.Memory.Slice(row.RawStart, row.RawLength);

    /// <summary>A staged row's COPY tuple.</summary>
    public ReadOnlySpan<byte> TupleOf(int seq) =>
        Tuples.Written[Staged[seq].TupleStart..(seq + 1 < Staged.Count ? Staged[seq + 1].TupleStart : Tuples.Length)];

    public int WaveOf(int seq) => BinaryPrimitives.ReadInt32BigEndian(WaveNumberOf(seq));

    public void SetWave(int seq, int wave) => BinaryPrimitives.WriteInt32BigEndian(WaveNumberOf(seq), wave);

    /// <summary>Adds to <paramref name="rows"/> the <c>seq</c> of each row of a wave.</summary>
    public void AddWave(int wave, List<int> rows)
    {
        for (var seq = 0; seq < Staged.Count; seq++)
        {
            if (WaveOf(seq) == wave) rows.Add(seq);
        }
    }

    /// <summary>The number of a wave's staged rows.</summary>
    public int CountOf(int wave)
    {
        if (Waves == 1) return Staged.Count;
        var count = 0;
        for (var seq = 0; seq < Staged.Count; seq++) count += WaveOf(seq) == wave ? 1 : 0;
        return count;
    }

    /// <summary>Leaves a staged row and all rows after it to the next chunk.</summary>
    public void CutBefore(int seq)
    {
        var first = Staged[seq].RowNumber;
        EndCursor = Staged[seq].Position - 1;
        IsLast = false;
        Tuples.Length = Staged[seq].TupleStart;
        Staged.RemoveRange(seq, Staged.Count - seq);
        Failed.RemoveAll(row => row.RowNumber >= first);
        Partial.RemoveAll(row => row.RowNumber >= first);
        Blank.RemoveAll(row => row >= first);
    }

    /// <summary>Adds <see cref="Partial"/> to <see cref="Warned"/> once all rows have their outcomes.</summary>
    public void MergeWarnings()
    {
        if (Partial.Count == 0) return;
        var refused = Refused.Select(row => row.RowNumber).ToHashSet();
        var merged = Partial.Where(row => !refused.Contains(row.RowNumber)).Concat(Warned)
            .GroupBy(row => row.RowNumber)
            .Select(rows => new WarnedRow(rows.Key, rows.First().LineNumber, [.. rows.SelectMany(row => row.Cells)]))
            .ToList();
        Warned.Clear();
        Warned.AddRange(merged);
        Partial.Clear();
    }

    public override void Dispose()
    {
        // The buffers belong to the lane.
    }

    private Span<byte> WaveNumberOf(int seq) => Tuples.Written[(Staged[seq].TupleStart + StagedTuple.WaveNumber)..];

    private static ReadOnlySpan<ulong> Tokens(List<ulong> tokens, int seq, int perRow) =>
        CollectionsMarshal.AsSpan(tokens).Slice(seq * perRow, perRow);
}
