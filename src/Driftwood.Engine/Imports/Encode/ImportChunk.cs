using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>A row encoded for the stage; its <c>seq</c> is its place in <see cref="ImportChunk.Staged"/>.</summary>
/// <param name="RowNumber">Among the data records, from 1.</param>
/// <param name="LineNumber">Physical line, from 1.</param>
/// <param name="RawStart">Where its record stands in <see cref="ImportChunk.Raws"/>.</param>
/// <param name="RawLength">The record's bytes.</param>
/// <param name="TupleStart">Where its tuple begins in <see cref="ImportChunk.Tuples"/>.</param>
/// <param name="KeyStart">Where the field with its match key begins there; 0 where rows are not matched on a stored key.</param>
internal readonly record struct StagedRow(long RowNumber, long LineNumber, int RawStart, int RawLength, int TupleStart, int KeyStart);

/// <summary>
/// What a chunk's rows are kept in. It is the lane's: a chunk's data is let go when the next is begun, and its room is used again.
/// </summary>
internal sealed class ChunkBuffers : IDisposable
{
    /// <summary>The COPY data, without header and trailer.</summary>
    public ByteBuffer Tuples { get; } = new(1 << 20);

    /// <summary>The staged records as they stand in the file, one after the other.</summary>
    public ByteBuffer Raws { get; } = new(1 << 20);

    public List<StagedRow> Staged { get; } = [];

    /// <summary>Hashes of each staged row's match key and unique values, a fixed number a row; 0 for a blank one.</summary>
    public List<ulong> Tokens { get; } = [];

    /// <summary>Hashes of the domain and the name of each staged row's company, where companies may be made; 0 for a blank one.</summary>
    public List<ulong> CompanyTokens { get; } = [];

    /// <summary>Rows all of whose mapped cells are blank.</summary>
    public List<long> Blank { get; } = [];

    public void Clear()
    {
        Tuples.Length = 0;
        Raws.Length = 0;
        Staged.Clear();
        Tokens.Clear();
        CompanyTokens.Clear();
        Blank.Clear();
    }

    public void Dispose()
    {
        Tuples.Dispose();
        Raws.Dispose();
    }
}

/// <summary>
/// Rows read, checked and encoded for COPY before any transaction is opened. Rows of one wave share no match key and
/// no unique value, so they may be applied as a set; waves are applied in order.
/// </summary>
/// <param name="cursor">Where it begins.</param>
/// <param name="buffers">What its rows are kept in, emptied.</param>
internal sealed class ImportChunk(long cursor, ChunkBuffers buffers) : LaneChunk(cursor)
{
    /// <inheritdoc cref="ChunkBuffers.Tuples"/>
    public ByteBuffer Tuples => buffers.Tuples;

    /// <inheritdoc cref="ChunkBuffers.Raws"/>
    public ByteBuffer Raws => buffers.Raws;

    public List<StagedRow> Staged => buffers.Staged;

    /// <inheritdoc cref="ChunkBuffers.Tokens"/>
    public List<ulong> Tokens => buffers.Tokens;

    /// <inheritdoc cref="ChunkBuffers.CompanyTokens"/>
    public List<ulong> CompanyTokens => buffers.CompanyTokens;

    /// <inheritdoc cref="ChunkBuffers.Blank"/>
    public List<long> Blank => buffers.Blank;

    /// <summary>Rows refused for what stands in the file.</summary>
    public List<FailedRow> Failed { get; } = [];

    /// <summary>Bytes kept of <see cref="Failed"/>.</summary>
    public long FailedBytes { get; set; }

    /// <summary>Bytes held: what bounds a chunk of wide rows.</summary>
    public long Bytes => Tuples.Length + Raws.Length + FailedBytes;

    /// <summary>Staged rows refused for what stands in the database.</summary>
    public List<FailedRow> Refused { get; } = [];

    /// <summary>Rows applied with a warning.</summary>
    public List<WarnedRow> Warned { get; } = [];

    public int Waves { get; set; }

    /// <summary>Some row lacks what a record cannot be without: it fails unless it matches a record.</summary>
    public bool LacksRequired { get; set; }

    /// <summary>Rows of this lane in the chunk.</summary>
    public override int Count => Staged.Count + Failed.Count + Blank.Count;

    public ReadOnlyMemory<byte> RawOf(StagedRow row) => Raws.Memory.Slice(row.RawStart, row.RawLength);

    /// <summary>A staged row's COPY tuple.</summary>
    public ReadOnlySpan<byte> TupleOf(int seq) =>
        Tuples.Written[Staged[seq].TupleStart..(seq + 1 < Staged.Count ? Staged[seq + 1].TupleStart : Tuples.Length)];

    /// <summary>Adds to <paramref name="rows"/> those of a wave, by their <c>seq</c>.</summary>
    public void AddWave(int wave, List<int> rows)
    {
        var tuples = Tuples.Written;
        for (var seq = 0; seq < Staged.Count; seq++)
        {
            if (StagedTuple.WaveOf(tuples, Staged[seq].TupleStart) == wave) rows.Add(seq);
        }
    }

    /// <summary>Leaves a staged row and those behind it to the next chunk.</summary>
    public void CutBefore(int seq)
    {
        var first = Staged[seq].RowNumber;
        EndCursor = first - 1;
        Tuples.Length = Staged[seq].TupleStart;
        Staged.RemoveRange(seq, Staged.Count - seq);
        Failed.RemoveAll(row => row.RowNumber >= first);
        Blank.RemoveAll(row => row >= first);
    }

    public override void Dispose()
    {
        // The buffers are the lane's.
    }
}
