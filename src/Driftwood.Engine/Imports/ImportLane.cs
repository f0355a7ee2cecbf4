using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Apply;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports;

/// <summary>One lane of an import: reads the whole file, keeps the lane's rows, and applies them in chunks.</summary>
internal sealed class ImportLane(
    ImportPlan plan, OpenFile file, FileFormat format, LaneRef lane, RowLanes lanes, Guid userId, int chunkSize) : ILaneWork
{
    private readonly RowEncoder _encoder = new(plan, lanes, lane);
    private readonly ChunkApplier _applier = new(plan, format, lane, userId);
    private RowReader? _rows;
    private long _position; // records read
    private bool _pending; // the current record is read but belongs to the next chunk

    public int ChunkSize => chunkSize;

    public async Task<LaneChunk?> ReadAsync(NpgsqlConnection connection, long cursor, int size, CancellationToken cancellationToken)
    {
        if (_rows is null || _position - (_pending ? 1 : 0) != cursor) await MoveToAsync(cursor, cancellationToken);
        if (plan.NumbersRecords && _encoder.Numbers.Left < size) await TakeNumbersAsync(connection, cursor, size, cancellationToken);
        var chunk = _encoder.Begin(cursor);
        while (chunk.Count < size && chunk.Bytes < RowEncoder.MaxBytes)
        {
            if (!_pending && !await _rows!.ReadAsync(cancellationToken))
            {
                chunk.IsLast = true;
                break;
            }

            if (!_pending) _position++;
            _pending = !_encoder.TryAdd(_rows!, chunk);
            if (_pending) break;
            chunk.EndCursor = _position;
        }

        if (chunk.EndCursor > cursor)
        {
            _encoder.End(chunk);
            return chunk;
        }

        chunk.Dispose();
        return null;
    }

    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, LaneChunk chunk, CancellationToken cancellationToken)
    {
        var import = (ImportChunk)chunk;
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, plan.Type, cancellationToken);
        if (plan.WritesCompanies) await RecordSchemaLock.HoldAsync(connection, lane.AccountId, plan.Companies, cancellationToken);
        var counts = await _applier.ApplyAsync(connection, import, cancellationToken);
        await RowOutcomes.WriteErrorsAsync(connection, lane, format, [.. import.Failed, .. import.Refused], cancellationToken);
        await RowOutcomes.WriteWarningsAsync(connection, lane, import.Warned, cancellationToken);
        return counts;
    }

    public async Task<LaneCounts> RejectAsync(
        NpgsqlConnection connection, LaneChunk chunk, Fault reason, CancellationToken cancellationToken)
    {
        var import = (ImportChunk)chunk;
        var cell = new BadCell(null, null, reason, null);
        import.Failed.AddRange(import.Staged.Select(row => new FailedRow(row.RowNumber, row.LineNumber, [cell], import.RawOf(row))));

        await RowOutcomes.WriteErrorsAsync(connection, lane, format, import.Failed, cancellationToken);
        return new LaneCounts(0, 0, 0, import.Blank.Count, import.Failed.Count);
    }

    public async ValueTask DisposeAsync()
    {
        _encoder.Dispose();
        _applier.Dispose();
        lanes.Dispose();
        if (_rows is not null) await _rows.DisposeAsync();
    }

    // A dry run reserves no numbers. It counts on from the next number, which the rows would get.
    private async Task TakeNumbersAsync(NpgsqlConnection connection, long cursor, int count, CancellationToken cancellationToken)
    {
        var first = plan.IsDryRun
            ? await Autonumbers.PeekAsync(connection, lane.AccountId, plan.Type, cancellationToken) + cursor
            : await Autonumbers.ReserveAsync(connection, lane.AccountId, plan.Type, count, cancellationToken);
        _encoder.Numbers.Give(first, count);
    }

    private async Task MoveToAsync(long cursor, CancellationToken cancellationToken)
    {
        if (_rows is not null) await _rows.DisposeAsync();
        _rows = null;
        _rows = ShapedRows.Of(await format.OpenRowsAsync(file, cancellationToken), plan.Shape);
        _pending = false;
        for (_position = 0; _position < cursor; _position++)
        {
            if (!await _rows.ReadAsync(cancellationToken))
            {
                throw new UnreadableFileException("file_changed", $"The file has only {_position} rows, but {cursor} are applied already.");
            }
        }
    }
}
