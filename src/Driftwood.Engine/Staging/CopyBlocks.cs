using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>Copies rows in blocks, so that no more than a block of COPY data is held at a time.</summary>
internal sealed class CopyBlocks : IDisposable
{
    private const int BlockBytes = 1 << 16;

    private readonly ByteBuffer _block = new(BlockBytes * 2);

    /// <param name="connection">In the chunk's transaction.</param>
    /// <param name="statement">The COPY.</param>
    /// <param name="rows">The rows by their <c>seq</c>.</param>
    /// <param name="append">Appends a row's tuple.</param>
    /// <param name="cancellationToken">Stops the copying.</param>
    public async Task CopyAsync(
        NpgsqlConnection connection, string statement, List<int> rows, Action<ByteBuffer, int> append, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(statement, cancellationToken);
        _block.Length = 0;
        _block.Append(PgCopy.Header);
        for (var i = 0; i < rows.Count; i++)
        {
            append(_block, rows[i]);
            if (_block.Length < BlockBytes) continue;
            await copy.WriteAsync(_block.Memory, cancellationToken);
            _block.Length = 0;
        }

        _block.Append(PgCopy.Trailer);
        await copy.WriteAsync(_block.Memory, cancellationToken);
    }

    public void Dispose() => _block.Dispose();
}
