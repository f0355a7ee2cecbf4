using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldKinds;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>Checks a file's rows and encodes the good ones for COPY, straight from the reader's UTF-8.</summary>
internal sealed class RowEncoder(ImportPlan plan, RowLanes lanes, int lane) : IDisposable
{
    /// <summary>Bytes of a chunk: bounds memory where rows are wide; five thousand ordinary rows are about 2 MB.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>
    /// Waves of a chunk: a row that would need one more begins the next chunk, so that a file that repeats one key over
    /// and over does not make a transaction of thousands of statements.
    /// </summary>
    public const int MaxWaves = 64;

    /// <summary>Of <see cref="ImportChunk.CompanyTokens"/>, where companies may be made.</summary>
    public const int CompanyTokensPerRow = 2;

    private const int MaxShownValue = 500;

    // Keep domains and names of companies apart from what else is a row's token.
    private const ulong CompanyDomainSeed = 3_000;
    private const ulong CompanyNameSeed = 3_001;

    private readonly int _fields = new StageTable(plan).Fields;

    // Arrays: an interface's enumerator would be an allocation for every row.
    private readonly MappedColumn[] _columns = [.. plan.Columns];
    private readonly MappedColumn[] _own = [.. plan.Own];
    private readonly MappedColumn[] _custom = [.. plan.Custom];
    private readonly MappedColumn[] _anyOf = [.. plan.Columns.Where(column => plan.Type.AnyOf.Contains(column.Field.Key))];
    private readonly MappedColumn[] _required = [.. plan.Columns.Where(column => column.Field.Required)];
    private readonly MappedColumn[] _otherUnique = [.. plan.OtherUnique];
    private readonly byte[] _tagDelimiter = Encoding.UTF8.GetBytes(plan.Spec.TagDelimiter);
    private readonly byte[][] _addTags = [.. plan.AddTags.Names.Select(Encoding.UTF8.GetBytes)];
    private readonly TagCell _tags = new();
    private readonly List<BadCell> _bad = [];
    private readonly ChunkBuffers _buffers = new();
    private readonly Waves _waves = new(plan.ValuesToGiveUp, plan.RepeatsGoTogether);
    private readonly ulong[] _tokens = new ulong[(plan.Match is null ? 0 : 1) + plan.OtherUnique.Count];
    private readonly ulong[] _companyTokens = new ulong[plan.MakesCompanies ? CompanyTokensPerRow : 0];
    private int _keyStart; // of the row at hand, see StagedRow
    private long _nextNumber;
    private long _endOfNumbers;

    /// <summary>How many numbers for new records are left of those given.</summary>
    public long NumbersLeft => _endOfNumbers - _nextNumber;

    /// <summary>Numbers for new records, in place of those left.</summary>
    public void GiveNumbers(long first, int count) => (_nextNumber, _endOfNumbers) = (first, first + count);

    public ImportChunk Begin(long cursor)
    {
        _waves.Clear();
        _buffers.Clear();
        return new ImportChunk(cursor, _buffers);
    }

    public void End(ImportChunk chunk) => chunk.Waves = _waves.Count;

    /// <summary>Adds the current row where it is this lane's; false when it has to begin the next chunk.</summary>
    public bool TryAdd(RowReader rows, ImportChunk chunk)
    {
        if (lanes.Of(rows) != lane) return true;
        if (rows.Fault is { } fault)
        {
            Fail(rows, chunk, [new BadCell(null, null, fault, null)]);
            return true;
        }

        if (IsBlank(rows))
        {
            chunk.Blank.Add(rows.RowNumber);
            return true;
        }

        return TryStage(rows, chunk);
    }

    public void Dispose()
    {
        _buffers.Dispose();
        _tags.Dispose();
    }

    private bool IsBlank(RowReader rows) => AreBlank(rows, _columns) && (plan.Tags is null || Blank.Trim(rows[plan.Tags.Index]).IsEmpty);

    private static bool AreBlank(RowReader rows, MappedColumn[] columns)
    {
        foreach (var column in columns)
        {
            if (!Blank.Trim(rows[column.Index]).IsEmpty) return false;
        }

        return true;
    }

    private static bool HasBlank(RowReader rows, MappedColumn[] columns)
    {
        foreach (var column in columns)
        {
            if (Blank.Trim(rows[column.Index]).IsEmpty) return true;
        }

        return false;
    }

    private bool TryStage(RowReader rows, ImportChunk chunk)
    {
        var tuples = chunk.Tuples;
        var start = tuples.Length;
        _bad.Clear();
        Array.Clear(_tokens);
        tuples.BeginTuple(_fields);
        tuples.Int32(chunk.Staged.Count);
        tuples.Int32(0);
        tuples.Uuid(Guid.CreateVersion7());
        var lacksAll = AreBlank(rows, _anyOf);
        tuples.Boolean(lacksAll);
        _keyStart = 0;
        foreach (var column in _own) WriteColumn(rows, column, tuples);
        if (_custom.Length > 0) WriteCustom(rows, tuples);
        if (plan.NumbersRecords) WriteName(tuples);
        if (plan.Company is { } company) WriteCompany(rows, company, tuples);
        if (plan.StagesTags) WriteTags(rows, tuples);
        if (_bad.Count > 0)
        {
            tuples.Length = start;
            Fail(rows, chunk, [.. _bad.OrderBy(cell => Index(cell.Column))]);
            return true;
        }

        var wave = _waves.Peek(_tokens, _companyTokens);
        if (wave >= MaxWaves)
        {
            tuples.Length = start;
            return false;
        }

        _waves.Add(_tokens, _companyTokens, wave);
        BinaryPrimitives.WriteInt32BigEndian(tuples.Written[(start + StagedTuple.WaveNumber)..], wave);
        var raw = rows.Raw;
        chunk.Staged.Add(new StagedRow(rows.RowNumber, rows.LineNumber, chunk.Raws.Length, raw.Length, start, _keyStart));
        chunk.LacksRequired |= (lacksAll && plan.Type.AnyOf.Count > 0) || HasBlank(rows, _required);
        chunk.Tokens.AddRange(_tokens);
        chunk.CompanyTokens.AddRange(_companyTokens);
        chunk.Raws.Append(raw);
        return true;
    }

    private int Index(string? column) =>
        column == plan.Tags?.Name ? plan.Tags!.Index : plan.Columns.FirstOrDefault(c => c.Name == column)?.Index ?? -1;

    private void WriteColumn(RowReader rows, MappedColumn column, ByteBuffer tuples)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        if (!CellReader.TryRead(column.Field, rows[column.Index], scratch, out var value, out var fault, plan.Cells))
        {
            _bad.Add(new BadCell(column.Name, column.Field.Key, fault!, Shown(rows[column.Index])));
        }

        tuples.TextOrNull(value);
        if (column.Field.MatchKey is not null) WriteKey(column, value, tuples);
        else if (ReferenceEquals(column, plan.Match)) SetToken(column, value);
    }

    private void WriteKey(MappedColumn column, ReadOnlySpan<byte> value, ByteBuffer tuples)
    {
        var start = tuples.BeginField();
        if (ReferenceEquals(column, plan.Match)) _keyStart = start - sizeof(int);
        MatchKeys.Write(column.Field.MatchKey!.Value, value, tuples);
        SetToken(column, tuples.EndField(start));
    }

    // All custom values of a row are one value of the stage; the keys of unique ones follow it.
    private void WriteCustom(RowReader rows, ByteBuffer tuples)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var start = tuples.BeginField();
        tuples.Append(PgCopy.JsonbVersion);
        CustomJson.Begin(tuples);
        foreach (var column in _custom)
        {
            var cell = rows[column.Index];
            Fault? fault;
            if (column.Field.Kind == FieldKind.Tags)
            {
                fault = _tags.Read(cell, _tagDelimiter);
                CustomJson.Add(column.Field, _tags, tuples);
            }
            else if (CellReader.TryRead(column.Field, cell, scratch, out var value, out fault, plan.Cells))
            {
                CustomJson.Add(column.Field, value, tuples);
            }

            if (fault is not null) _bad.Add(new BadCell(column.Name, column.Field.Key, fault, Shown(cell)));
        }

        CustomJson.End(tuples);
        tuples.EndField(start);
        foreach (var column in _custom)
        {
            if (column.Field.MatchKey is null) continue;
            CellReader.TryRead(column.Field, rows[column.Index], scratch, out var value, out _, plan.Cells);
            WriteKey(column, value, tuples);
        }
    }

    // Rows that match a record use up a number too: which ones do is known only in SQL.
    private void WriteName(ByteBuffer tuples)
    {
        var name = Encoding.UTF8.GetBytes(plan.Type.Autonumber!.Name(_nextNumber++));
        tuples.TextOrNull(name);
        var start = tuples.BeginField();
        MatchKeys.Write(MatchKeyKind.Name, name, tuples);
        tuples.EndField(start);
    }

    private void WriteCompany(RowReader rows, CompanyColumns company, ByteBuffer tuples)
    {
        var start = tuples.BeginField();
        CompanyKeys.WriteDomain(company, rows, tuples);
        var domain = TokenOf(tuples.EndField(start), CompanyDomainSeed);
        start = tuples.BeginField();
        CompanyKeys.WriteName(company, rows, tuples);
        var name = TokenOf(tuples.EndField(start), CompanyNameSeed);
        if (plan.MakesCompanies) (_companyTokens[0], _companyTokens[1]) = (domain, name);
    }

    private static ulong TokenOf(ReadOnlySpan<byte> key, ulong seed) => key.IsEmpty ? 0 : KeyHash.Of(key, seed);

    private void SetToken(MappedColumn column, ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return;
        if (ReferenceEquals(column, plan.Match)) _tokens[0] = KeyHash.Of(key);
        for (var i = 0; i < _otherUnique.Length; i++)
        {
            if (ReferenceEquals(_otherUnique[i], column)) _tokens[_tokens.Length - _otherUnique.Length + i] = KeyHash.Of(key, (ulong)i + 1);
        }
    }

    private void WriteTags(RowReader rows, ByteBuffer tuples)
    {
        _tags.Clear();
        if (plan.Tags is { } column && _tags.Read(rows[column.Index], _tagDelimiter) is { } fault)
        {
            _bad.Add(new BadCell(column.Name, column.Field.Key, fault, Shown(rows[column.Index])));
        }

        _tags.Add(_addTags);
        _tags.WriteNames(tuples);
        _tags.WriteKeys(tuples);
        tuples.Boolean(plan.Tags is null || Blank.Trim(rows[plan.Tags.Index]).IsEmpty);
    }

    private static void Fail(RowReader rows, ImportChunk chunk, IReadOnlyList<BadCell> cells)
    {
        var raw = rows.Raw[..Math.Min(rows.Raw.Length, FileLimits.MaxRawBytes)].ToArray();
        chunk.Failed.Add(new FailedRow(rows.RowNumber, rows.LineNumber, cells, raw));
        chunk.FailedBytes += raw.Length;
    }

    /// <summary>A value as an error shows it: decoded with U+FFFD for what is not text, cut where it is long.</summary>
    public static string Shown(ReadOnlySpan<byte> value)
    {
        var cut = value.Length > MaxShownValue * 4 ? value[..(MaxShownValue * 4)] : value;
        var text = Encoding.UTF8.GetString(cut).Replace('\0', '\uFFFD');
        if (text.Length <= MaxShownValue && cut.Length == value.Length) return text;
        var length = Math.Min(text.Length, MaxShownValue);
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }

    /// <summary>Gives staged rows other waves, once the records they touch are known.</summary>
    public static void SetWave(ImportChunk chunk, int seq, int wave) =>
        BinaryPrimitives.WriteInt32BigEndian(chunk.Tuples.Written[(chunk.Staged[seq].TupleStart + StagedTuple.WaveNumber)..], wave);

    /// <summary>A staged row's tokens, of all rows' <see cref="ImportChunk.Tokens"/> or <see cref="ImportChunk.CompanyTokens"/>.</summary>
    public static ReadOnlySpan<ulong> TokensOf(List<ulong> tokens, int seq, int tokensPerRow) =>
        CollectionsMarshal.AsSpan(tokens).Slice(seq * tokensPerRow, tokensPerRow);
}
