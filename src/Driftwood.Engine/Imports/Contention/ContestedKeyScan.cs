using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Imports.Contention;

/// <summary>
/// The pass over the file that finds an import's contested keys before its lanes part. A match key is contested when one of
/// its rows' other unique values stands under another key in the file, or, where matches are updated, belongs to a stored
/// record with another key, which is contested as well. All other rows of different keys leave each other alone: what they
/// ask for nobody else in the file asks for, has or gives up. Values are compared by their hashes, so many at a time that
/// memory stays bounded; more values are more passes.
/// </summary>
/// <param name="plan">The import.</param>
/// <param name="file">Opens it.</param>
/// <param name="format">How it is read.</param>
/// <param name="account">Whose records.</param>
/// <param name="totalRows">The file's rows.</param>
/// <param name="limits">How much at a time.</param>
internal sealed class ContestedKeyScan(ImportPlan plan, OpenFile file, FileFormat format, Guid account, long totalRows, ScanLimits limits) : IAsyncDisposable
{
    private readonly RowKeys _keys = new(plan);
    private readonly HashSet<ulong> _contested = [];
    private readonly int _passes = (int)Math.Max(1, ((totalRows * plan.OtherUnique.Count) + limits.ValuesPerPass - 1) / limits.ValuesPerPass);
    private SharedValues? _values;
    private StoredOwners? _owners;
    private RowReader? _rows;
    private int _pass;

    public RecordType Type => plan.Type;

    /// <summary>What <see cref="StepAsync"/> found.</summary>
    public LanePlan Plan => IsTooMuch ? Together : new LanePlan(Fields, [.. _contested.Select(key => unchecked((long)key)).Order()]);

    /// <summary>Leaves all to one lane.</summary>
    public LanePlan Together => new(Fields, null);

    private bool IsTooMuch => _contested.Count > limits.MostContested;

    private string[] Fields => [.. plan.OtherUnique.Select(column => LanePlan.NameOf(column.Field))];

    /// <summary>Makes the session ready that steps are taken on.</summary>
    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (plan.OtherUnique.Count == 0) return;
        // Somewhat larger than what a pass is likely to hold.
        _values = new SharedValues((int)Math.Min(totalRows * plan.OtherUnique.Count, limits.ValuesPerPass + (limits.ValuesPerPass / 4)), _contested);
        if (!plan.UpdatesMatches) return;
        _owners = new StoredOwners(plan, account, _keys, _contested);
        await _owners.PrepareAsync(connection, cancellationToken);
    }

    /// <summary>Goes on for some rows, a fraction of a second; true once nothing is left to do.</summary>
    /// <exception cref="UnreadableFileException">The file is broken.</exception>
    public async Task<bool> StepAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_values is null || IsTooMuch) return true;
        _rows ??= await format.OpenRowsAsync(file, cancellationToken);
        var isMore = true;
        var bytes = 0;
        for (var row = 0; isMore && row < limits.StepRows && bytes < limits.StepBytes; row++)
        {
            isMore = await _rows.ReadAsync(cancellationToken);
            if (!isMore || _rows.Fault is not null) continue;
            Add(_rows);
            bytes += _rows.Raw.Length;
        }

        // Each row's values are looked up in the first pass, all of them.
        if (_pass == 0 && _owners is not null) await _owners.FindAsync(connection, cancellationToken);
        if (isMore) return false;
        await _rows.DisposeAsync();
        _rows = null;
        _values.Find();
        _values.Clear();
        return ++_pass == _passes;
    }

    public async ValueTask DisposeAsync()
    {
        _keys.Dispose();
        _owners?.Dispose();
        if (_rows is not null) await _rows.DisposeAsync();
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
