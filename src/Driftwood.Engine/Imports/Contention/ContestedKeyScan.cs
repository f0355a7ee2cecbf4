using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// Reads the file to find an import's contested keys before the lanes start. A match key is contested when one of its rows has another
/// unique value that also appears under another key in the file. If matches are updated, a key is also contested when the value belongs
/// to a stored record with another key; that key is then contested too. All other rows with different keys are independent: no other
/// row of the file asks for, has or frees their unique values. Values are compared by their hashes, a limited number at a time, so that
/// memory stays bounded. More values take more passes.
/// </summary>
/// <param name="plan">The import.</param>
/// <param name="file">Opens the file.</param>
/// <param name="format">The format of the file.</param>
/// <param name="lane">Lane 0.</param>
/// <param name="totalRows">The number of rows in the file.</param>
/// <param name="limits">The limits of each step and pass.</param>
internal sealed class ContestedKeyScan(ImportPlan plan, OpenFile file, FileFormat format, LaneRef lane, long totalRows, ScanLimits limits)
    : ILanePreparation
{
    private readonly RowKeys _keys = new(plan);
    private readonly HashSet<ulong> _contested = [];
    private readonly int _passes =
        (int)Math.Max(1, ((totalRows * plan.OtherUnique.Count) + limits.ValuesPerPass - 1) / limits.ValuesPerPass);

    private SharedValues? _values;
    private StoredOwners? _owners;
    private RowReader? _rows;
    private int _pass;

    /// <summary>The result of <see cref="FindAsync"/>.</summary>
    public LanePlan Plan => new(
        [.. plan.OtherUnique.Select(column => LanePlan.NameOf(column.Field))],
        IsTooMuch ? null : [.. _contested.Select(key => unchecked((long)key)).Order()]);

    private bool IsTooMuch => _passes > limits.MaxPasses || _contested.Count > limits.MaxContested;

    /// <inheritdoc/>
    /// <exception cref="UnreadableFileException">The file is broken.</exception>
    public async Task FindAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Begin();
        while (!await StepAsync(connection, cancellationToken)) cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public async Task<LanesPrepared> FinishAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await RecordSchemaLock.HoldAsync(connection, lane.AccountId, plan.Type, cancellationToken);
        var found = Plan;
        await found.SaveAsync(connection, lane, cancellationToken);
        return found.Contested is { } keys
            ? new LanesPrepared(int.MaxValue, FormattableString.Invariant($"{keys.Length} contested keys"))
            : new LanesPrepared(1, "all rows left to one lane");
    }

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        _owners?.Dispose();
        if (_rows is not null) await _rows.DisposeAsync();
    }

    private void Begin()
    {
        if (plan.OtherUnique.Count == 0 || IsTooMuch) return;
        // Slightly larger than the expected content of a pass.
        var capacity = Math.Min(totalRows * plan.OtherUnique.Count, limits.ValuesPerPass + (limits.ValuesPerPass / 4));
        _values = new SharedValues((int)capacity, _contested);
        if (plan.UpdatesMatches) _owners = new StoredOwners(plan, lane.AccountId, _keys, _contested);
    }

    // Continues for some rows, a fraction of a second. Returns true when nothing is left to do.
    private async Task<bool> StepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_values is null || IsTooMuch) return true;
        _rows ??= ShapedRows.Of(await format.OpenRowsAsync(file, cancellationToken), plan.Shape);
        var isMore = true;
        var bytes = 0;
        for (var row = 0; isMore && row < limits.StepRows && bytes < limits.StepBytes; row++)
        {
            isMore = await _rows.ReadAsync(cancellationToken);
            if (!isMore || _rows.Fault is not null) continue;
            Add(_rows);
            bytes += _rows.Raw.Length;
        }

        // The first pass looks up all values of each row.
        if (_pass == 0 && _owners is not null) await _owners.FindAsync(connection, cancellationToken);
        if (isMore) return false;
        await _rows.DisposeAsync();
        _rows = null;
        _values.Find();
        _values.Clear();
        return ++_pass == _passes;
    }

    private void Add(RowReader rows)
    {
        var key = _keys.OfRow(rows, out _);
        for (var i = 0; i < plan.OtherUnique.Count; i++)
        {
            var value = _keys.OfUnique(rows, i);
            if (value != 0 && PassOf(value) == _pass) _values!.Add(value, key);
        }

        if (_pass == 0) _owners?.Add(rows, key);
    }

    private int PassOf(ulong value) => (int)Math.BigMul(value, (ulong)_passes, out _);
}
