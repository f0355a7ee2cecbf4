using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>Checks a file's rows and encodes the good ones for COPY, straight from the reader's UTF-8.</summary>
internal sealed class RowEncoder : IDisposable
{
    /// <summary>Maximum bytes of a chunk, to bound memory when rows are wide. Five thousand ordinary rows take about 2 MB.</summary>
    public const int MaxBytes = 16 << 20;

    private readonly RowLanes _lanes;
    private readonly LaneRef _lane;
    private readonly int _fields;
    private readonly bool _needsAnyOf;

    // Arrays: an interface's enumerator would be an allocation for every row.
    private readonly MappedColumn[] _mapped;
    private readonly MappedColumn[] _inFile;

    private readonly ChunkBuffers _buffers = new();
    private readonly RowTokens _tokens;
    private readonly TupleEncoder _values;
    private readonly Waves _waves;

    public RowEncoder(ImportPlan plan, RowLanes lanes, LaneRef lane)
    {
        _lanes = lanes;
        _lane = lane;
        _fields = StageColumns.Of(plan).Count;
        _needsAnyOf = plan.Type.AnyOf.Count > 0;
        _mapped = [.. plan.AllColumns];
        _inFile = [.. _mapped.Where(column => !column.IsConstant)];
        _tokens = new RowTokens(plan);
        _values = new TupleEncoder(plan, Numbers, _tokens);
        _waves = new Waves(plan.Strategy.Order.Value == RowOrder.Linked, plan.Strategy.Order.Value == RowOrder.RepeatsTogether);
    }

    /// <summary>The numbers for the names of new records, if Driftwood gives the names. Each row of a chunk needs one.</summary>
    public RecordNumbers Numbers { get; } = new();

    public ImportChunk Begin(long cursor)
    {
        _waves.Clear();
        _buffers.Clear();
        return new ImportChunk(cursor, _buffers);
    }

    public void End(ImportChunk chunk) => chunk.Waves = _waves.Count;

    /// <summary>Adds the current row if it belongs to this lane. Returns false if the row has to begin the next chunk.</summary>
    public bool TryAdd(RowReader rows, ImportChunk chunk)
    {
        if (_lanes.Of(rows) != _lane.Lane) return true;
        if (rows.Fault is { } fault)
        {
            Fail(rows, chunk, [new BadCell(null, null, fault, null)]);
            return true;
        }

        if (!AreBlank(rows)) return TryStage(rows, chunk);
        chunk.Blank.Add(rows.RowNumber);
        return true;
    }

    public void Dispose()
    {
        _buffers.Dispose();
        _values.Dispose();
    }

    private bool AreBlank(RowReader rows)
    {
        foreach (var column in _inFile)
        {
            if (CellText.IsBlank(rows[column.Index], column.Field.Type.IsDate, column.Cells)) continue;
            if (column.Default is null || !rows.IsDefault(column.Index)) return false;
        }

        return true;
    }

    private bool TryStage(RowReader rows, ImportChunk chunk)
    {
        var start = chunk.Tuples.Length;
        Encode(rows, chunk);
        if (_values.Bad.Count > 0)
        {
            chunk.Tuples.Length = start;
            Fail(rows, chunk, [.. _values.Bad.OrderBy(IndexOf)]);
            return true;
        }

        var wave = _waves.Peek(_tokens.Keys, _tokens.Company);
        if (wave >= Waves.Max)
        {
            chunk.Tuples.Length = start;
            return false;
        }

        _waves.Add(_tokens.Keys, _tokens.Company, wave);
        var raw = rows.Raw;
        chunk.Staged.Add(new StagedRow(
            rows.RowNumber, rows.Position, rows.LineNumber, chunk.Raws.Length, raw.Length, start, _values.KeyStart));
        chunk.SetWave(chunk.Staged.Count - 1, wave);
        chunk.AddTokens(_tokens);
        chunk.AddCompanyValues(_values.OfCompany);
        if (_values.Partial.Count > 0)
            chunk.Partial.Add(new WarnedRow(rows.RowNumber, rows.LineNumber, [.. _values.Partial.OrderBy(IndexOf)]));
        chunk.Tuples.Written[start + StagedTuple.LacksAllValue] = _values.LacksAll ? (byte)1 : (byte)0;
        chunk.LacksRequired |= (_values.LacksAll && _needsAnyOf) || _values.LacksRequired;
        chunk.Raws.Append(raw);
        return true;
    }

    private void Encode(RowReader rows, ImportChunk chunk)
    {
        var tuples = chunk.Tuples;
        tuples.BeginTuple(_fields);
        tuples.Uuid(_lane.AccountId);
        tuples.Int32(chunk.Staged.Count);
        tuples.Int32(0); // the wave is set once it is known
        tuples.Uuid(Guid.CreateVersion7());
        tuples.Boolean(false); // lacks_all is set once the values are known
        _values.Encode(rows, tuples);
    }

    private int IndexOf(BadCell cell) => Array.Find(_mapped, mapped => mapped.Field.Key == cell.Field)?.Place ?? -1;

    private static void Fail(RowReader rows, ImportChunk chunk, IReadOnlyList<BadCell> cells)
    {
        var raw = rows.Raw[..Math.Min(rows.Raw.Length, FileLimits.MaxRawBytes)].ToArray();
        chunk.Failed.Add(new FailedRow(rows.RowNumber, rows.LineNumber, cells, raw));
        chunk.FailedBytes += raw.Length;
    }
}
