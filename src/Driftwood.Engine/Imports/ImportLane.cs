using Driftwood.Engine.Csv;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;
using Npgsql;

namespace Driftwood.Engine.Imports;

/// <summary>One lane of an import: reads the whole file, keeps the rows whose match key hashes to it, and applies them in chunks.</summary>
internal sealed class ImportLane(ImportPlan plan, CsvFile file, CsvFormat format, LaneRef lane, int laneCount, Guid userId, int chunkSize) : ILaneWork
{
    private readonly ChunkWriter writer = new(plan, lane.Lane, laneCount);
    private readonly ChunkMerger merger = new(plan, format.Delimiter, lane.AccountId, userId);
    private CsvRows? rows;
    private long position; // records read
    private bool pending; // the current record is read but belongs to the next chunk

    public int ChunkSize => chunkSize;

    public Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        merger.PrepareAsync(connection, cancellationToken);

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (rows is null || position - (pending ? 1 : 0) != cursor) await MoveToAsync(cursor, cancellationToken);
        var chunk = writer.Begin(cursor);
        while (chunk.Count < size && chunk.Bytes < ChunkWriter.MaxBytes)
        {
            if (!pending && !await rows!.ReadAsync(cancellationToken)) break;
            if (!pending) position++;
            pending = !writer.TryAdd(rows!, chunk);
            if (pending) break;
            chunk.EndCursor = position;
        }

        if (chunk.EndCursor > cursor)
        {
            writer.End(chunk);
            return chunk;
        }

        chunk.Dispose();
        return null;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var import = (ImportChunk)chunk;
        var counts = await merger.MergeAsync(connection, import, cancellationToken);
        await RowErrorWriter.WriteAsync(connection, lane, [.. import.Failed, .. import.Refused], cancellationToken);
        return counts;
    }

    public async Task<LaneCounts> RejectAsync(NpgsqlConnection connection, LaneChunk chunk, CellFault reason, CancellationToken cancellationToken)
    {
        var import = (ImportChunk)chunk;
        foreach (var row in import.Staged)
        {
            import.Failed.Add(new FailedRow(row.RowNumber, row.LineNumber, [new BadCell(null, null, reason, null)], import.RawOf(row)));
        }

        await RowErrorWriter.WriteAsync(connection, lane, import.Failed, cancellationToken);
        return new LaneCounts(0, 0, 0, import.Blank.Count, import.Failed.Count);
    }

    public async ValueTask DisposeAsync()
    {
        writer.Dispose();
        if (rows is not null) await rows.DisposeAsync();
    }

    private async Task MoveToAsync(long cursor, CancellationToken cancellationToken)
    {
        if (rows is not null) await rows.DisposeAsync();
        rows = null;
        rows = await CsvRows.OpenAsync(await file(cancellationToken), format, cancellationToken);
        await rows.ReadHeaderAsync(cancellationToken);
        pending = false;
        for (position = 0; position < cursor; position++)
        {
            if (!await rows.ReadAsync(cancellationToken))
            {
                throw new UnreadableFileException("file_changed", $"The file has only {position} rows; {cursor} were dealt with before.");
            }
        }
    }
}
