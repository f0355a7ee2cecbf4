using Driftwood.Engine.Postgres;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>
/// The buffers of a chunk's rows. They belong to the lane, which uses them again: the data of a chunk is gone once the next
/// chunk is begun.
/// </summary>
internal sealed class ChunkBuffers : IDisposable
{
    /// <summary>The COPY data, without header and trailer.</summary>
    public ByteBuffer Tuples { get; } = new(1 << 20);

    /// <summary>The staged records as they stand in the file, one after the other.</summary>
    public ByteBuffer Raws { get; } = new(1 << 20);

    public List<StagedRow> Staged { get; } = [];

    /// <summary>The <see cref="RowTokens.Keys"/> of each staged row.</summary>
    public List<ulong> Tokens { get; } = [];

    /// <summary>The <see cref="RowTokens.Company"/> of each staged row.</summary>
    public List<ulong> CompanyTokens { get; } = [];

    /// <summary>The <see cref="TupleEncoder.OfCompany"/> of each staged row.</summary>
    public List<string?> CompanyValues { get; } = [];

    /// <summary>The numbers of the rows whose mapped cells are all blank.</summary>
    public List<long> Blank { get; } = [];

    public void Clear()
    {
        Tuples.Length = 0;
        Raws.Length = 0;
        Staged.Clear();
        Tokens.Clear();
        CompanyTokens.Clear();
        CompanyValues.Clear();
        Blank.Clear();
    }

    public void Dispose()
    {
        Tuples.Dispose();
        Raws.Dispose();
    }
}
