using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Companies;
using Driftwood.Engine.Imports.Encode;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Staging;
using Npgsql;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// Applies a chunk inside an open transaction: COPY into the stage, then wave after wave, each as a set. If the strategy allows it and
/// few rows match, the rows that create records are not staged.
/// </summary>
internal sealed class ChunkApplier : IDisposable
{
    private readonly ApplyStrategy _strategy;
    private readonly SqlDialect _dialect;
    private readonly StageOwner _owner;
    private readonly StageTable _stage;
    private readonly RefusedRows _refused;
    private readonly WaveApplier _staged;
    private readonly DirectInsert? _direct;
    private readonly OwnerOrder? _owners;
    private bool _mostMatch; // of the rows of the wave before
    private bool _isStaged; // the transaction has the stage

    public ChunkApplier(ImportPlan plan, FileFormat format, LaneRef lane, Guid userId)
    {
        (_strategy, _dialect) = (plan.Strategy, plan.Dialect);
        _owner = new StageOwner(lane.AccountId, lane.JobId, userId, lane.Lane);
        var statements = new ImportStatements(plan);
        _stage = new StageTable("stage", StageColumns.Of(plan), [.. Marks(plan)]);
        _refused = new RefusedRows(plan, format);
        _staged = new WaveApplier(plan, statements, _refused, lane);
        // A cluster gives no code of the error of a copy (SqlDialect.Refusable).
        if (_strategy.New.Value == NewRows.Copy && !_dialect.IsDistributed) _direct = new DirectInsert(plan, lane, userId);
        if (_strategy.Order.Value == RowOrder.Linked) _owners = new OwnerOrder(statements, _stage);
    }

    /// <summary>
    /// Applies the chunk. Rows that cannot be applied are added to <see cref="ImportChunk.Refused"/>. It may lower the chunk's
    /// <see cref="LaneChunk.EndCursor"/>; rows after it are not applied.
    /// </summary>
    public async Task<LaneCounts> ApplyAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        var (created, updated, skipped) = chunk.Staged.Count == 0 ? default : await ApplyStagedAsync(connection, chunk, cancellationToken);
        // Blank rows are counted last, as the chunk may have been cut.
        chunk.MergeWarnings();
        var counts = new LaneCounts(created, updated, 0, skipped + chunk.Blank.Count, chunk.Failed.Count + chunk.Refused.Count)
        {
            Warned = chunk.Warned.Count,
        };
        return counts.Processed == chunk.Count
            ? counts
            : throw new InvalidOperationException($"A chunk of {chunk.Count} rows gave {counts.Processed} outcomes: {counts}.");
    }

    public void Dispose() => _direct?.Dispose();

    private bool Skips => _strategy.Matched.Value == MatchedRows.Skip;

    private static IEnumerable<StageColumn> Marks(ImportPlan plan)
    {
        yield return new("match_id", "uuid");
        yield return new("fault", "text");
        yield return new("fault_field", "text");
        if (plan.Company is not null) yield return new("link_id", "uuid");
    }

    private async Task<WaveCounts> ApplyStagedAsync(NpgsqlConnection connection, ImportChunk chunk, CancellationToken cancellationToken)
    {
        var direct = chunk.LacksRequired || (_mostMatch && !Skips) ? null : _direct;
        _isStaged = direct is null;
        await StageSession.BeginAsync(connection, _isStaged ? _stage : null, _dialect, cancellationToken);
        if (_isStaged) await _stage.CopyAsync(connection, chunk.Tuples.Memory, cancellationToken);
        if (_owners is not null) await _owners.SetWavesAsync(connection, _owner, chunk, cancellationToken);
        var counts = default(WaveCounts);
        var place = new StagePlace(chunk.Cursor, [.. chunk.Staged.Select(row => row.RowNumber)]);
        for (var number = 0; number < chunk.Waves; number++)
        {
            var wave = new Wave(connection, _owner, place, number);
            var outcomes = await ApplyWaveAsync(wave, chunk, direct, cancellationToken);
            // The record that the first row of a key had found was deleted before the other rows were looked up. The chunk begins again
            // and then decides which row has to create the record anew.
            if (number > 0 && outcomes.Created > 0 && _strategy.Order.Value == RowOrder.RepeatsTogether)
            {
                throw new ContentionException(tries: 1);
            }

            _mostMatch = outcomes.Updated + outcomes.Skipped > outcomes.Created;
            counts += outcomes;
            if (_isStaged) await _refused.CollectAsync(wave, chunk, cancellationToken);
        }

        return counts;
    }

    private Task<WaveCounts> ApplyWaveAsync(Wave wave, ImportChunk chunk, DirectInsert? direct, CancellationToken cancellationToken)
    {
        var wasStaged = _isStaged;
        return wave.ApplyAsync(
            token =>
            {
                // A stage that the try before has made is gone with that try.
                _isStaged = wasStaged;
                return TryWaveAsync(wave, chunk, direct, token);
            },
            cancellationToken);
    }

    private async Task<WaveCounts?> TryWaveAsync(Wave wave, ImportChunk chunk, DirectInsert? direct, CancellationToken cancellationToken)
    {
        if (direct is null) return await _staged.ApplyAsync(wave, chunk, chunk.CountOf(wave.Number), _mostMatch, cancellationToken);
        var created = await direct.InsertAsync(wave, chunk, cancellationToken);
        var matched = direct.Matched.Count;
        if (matched > 0 && Skips) await direct.LogSkippedAsync(wave, chunk, cancellationToken);
        if (matched == 0 || Skips) return new WaveCounts(created, 0, matched);
        if (!_isStaged) await wave.ExecuteAsync(_stage.Create, cancellationToken);
        _isStaged = true;
        await direct.StageMatchedAsync(wave, chunk, _stage, cancellationToken);
        return await _staged.ApplyAsync(wave, chunk, matched, mostMatch: true, cancellationToken) is { } outcomes
            ? outcomes + new WaveCounts(created, 0, 0)
            : null;
    }
}
