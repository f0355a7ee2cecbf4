using System.Text;
using System.Text.Unicode;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Contention;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Engine.Imports.Encode;

/// <summary>Checks a row's cells and encodes them as the values of its tuple, in the order of <see cref="StageColumns"/>.</summary>
/// <param name="plan">The import.</param>
/// <param name="numbers">The numbers for the names of new records, if Driftwood gives the names.</param>
/// <param name="tokens">Get the row's tokens.</param>
internal sealed class TupleEncoder(ImportPlan plan, RecordNumbers numbers, RowTokens tokens) : IDisposable
{
    // Arrays: an interface's enumerator would be an allocation for every row.
    private readonly MappedColumn[] _own = [.. plan.Own];
    private readonly MappedColumn[] _custom = [.. plan.Custom];
    private readonly byte[] _tagDelimiter = Encoding.UTF8.GetBytes(plan.Spec.TagDelimiter);
    private readonly byte[][] _addTags = [.. plan.AddTags.Names.Select(Encoding.UTF8.GetBytes)];
    private readonly CellFormat _cells = plan.Cells;
    private readonly TagCell _tags = new();
    private readonly MappedColumn[] _ofCompany = [.. plan.Company?.Filled ?? []];
    private readonly bool[] _isAnyOf = [.. plan.Own.Select(column => plan.Type.AnyOf.Contains(column.Field.Key))]; // as in _own

    /// <summary>The bad cells of the row.</summary>
    public List<BadCell> Bad { get; } = [];

    /// <summary>The cells of the row that are kept only in part, with a warning.</summary>
    public List<BadCell> Partial { get; } = [];

    /// <summary>
    /// The values, in stored form, that the row has for its company, in the order of <see cref="CompanyColumns.Filled"/>.
    /// </summary>
    public List<string?> OfCompany { get; } = [];

    /// <summary>The row has a value in none of the fields of which a record needs one.</summary>
    public bool LacksAll { get; private set; }

    /// <summary>The row has no value in a mapped field that a record needs.</summary>
    public bool LacksRequired { get; private set; }

    /// <summary>See <see cref="StagedRow.KeyStart"/>.</summary>
    public int KeyStart { get; private set; }

    public void Encode(RowReader rows, ByteBuffer tuples)
    {
        Bad.Clear();
        Partial.Clear();
        (LacksAll, LacksRequired) = (true, false);
        tokens.Clear();
        KeyStart = 0;
        for (var i = 0; i < _own.Length; i++) EncodeColumn(rows, _own[i], _isAnyOf[i], tuples);
        if (_custom.Length > 0) EncodeCustom(rows, tuples);
        if (plan.NumbersRecords) EncodeName(tuples);
        if (plan.Company is { } company) EncodeCompany(rows, company, tuples);
        if (plan.StagesTags) EncodeTags(rows, tuples);
    }

    public void Dispose() => _tags.Dispose();

    private void EncodeColumn(RowReader rows, MappedColumn column, bool isAnyOf, ByteBuffer tuples)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var isGood = TryRead(rows, column, scratch, out var value, out var fault);
        if (!isGood) Refuse(rows, column, fault!);
        else if (fault is not null) Warn(rows, column, fault);
        if (value.IsEmpty) LacksRequired |= column.Field.Required;
        if (!value.IsEmpty || column.OnCreate is not null) LacksAll &= !isAnyOf;
        if (column.By is { } by) EncodeReference(by, value, tuples);
        else tuples.TextOrNull(value);
        if (column.Field.MatchKey is not null) EncodeKey(column, value, tuples);
        else if (ReferenceEquals(column, plan.Match)) tokens.SetKey(column, value);
    }

    // SQL finds the record by the key.
    private static void EncodeReference(Field by, ReadOnlySpan<byte> value, ByteBuffer tuples)
    {
        var start = tuples.BeginField();
        MatchKeys.Write(by.MatchKey!.Value, value, tuples);
        tuples.EndField(start);
    }

    private void EncodeKey(MappedColumn column, ReadOnlySpan<byte> value, ByteBuffer tuples)
    {
        var start = tuples.BeginField();
        if (ReferenceEquals(column, plan.Match)) KeyStart = start - sizeof(int);
        if (ReferenceEquals(column, plan.Match) || (plan.MatchesOnSeveral && plan.AlsoMatch.Contains(column)))
        {
            if (column.Field.Kind == FieldKind.Text && Numbers.IsShortened(value))
            {
                Bad.Add(new BadCell(column.Name, column.Field.Key, CellFaults.Shortened(value), CellFaults.Shown(value)));
            }
        }

        MatchKeys.Write(column.Field.MatchKey!.Value, value, tuples);
        tokens.SetKey(column, tuples.EndField(start));
    }

    // All custom values of a row are one value of the stage; the keys of unique ones follow it.
    private void EncodeCustom(RowReader rows, ByteBuffer tuples)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var start = tuples.BeginField();
        tuples.Append(PgCopy.JsonbVersion);
        CustomJson.Begin(tuples);
        foreach (var column in _custom)
        {
            Fault? fault;
            bool isBlank;
            if (column.Field.Kind == FieldKind.Tags)
            {
                fault = ReadTags(rows[column.Index]);
                isBlank = _tags.Count == 0;
                CustomJson.Add(column.Field, _tags, tuples);
            }
            else
            {
                var isGood = TryRead(rows, column, scratch, out var value, out fault);
                isBlank = value.IsEmpty;
                if (isGood) CustomJson.Add(column.Field, value, tuples);
                if (isGood && fault is not null)
                {
                    Warn(rows, column, fault);
                    fault = null;
                }
            }

            LacksRequired |= isBlank && column.Field.Required;
            if (fault is not null) Refuse(rows, column, fault);
        }

        CustomJson.End(tuples);
        tuples.EndField(start);
        foreach (var column in _custom)
        {
            if (column.Field.MatchKey is null) continue;
            TryRead(rows, column, scratch, out var value, out _);
            EncodeKey(column, value, tuples);
        }
    }

    // A row that matches a record uses up a number too, because only SQL knows which rows match.
    private void EncodeName(ByteBuffer tuples)
    {
        var name = Encoding.UTF8.GetBytes(plan.Type.Autonumber!.Name(numbers.Take()));
        tuples.TextOrNull(name);
        var start = tuples.BeginField();
        MatchKeys.Write(MatchKeyKind.Name, name, tuples);
        tuples.EndField(start);
    }

    private void EncodeCompany(RowReader rows, CompanyColumns company, ByteBuffer tuples)
    {
        ReadOfCompany(rows);
        var start = tuples.BeginField();
        CompanyKeys.WriteDomain(company, rows, tuples);
        tokens.SetDomain(tuples.EndField(start));
        start = tuples.BeginField();
        CompanyKeys.WriteName(company, rows, tuples);
        tokens.SetName(tuples.EndField(start));
    }

    private void ReadOfCompany(RowReader rows)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        OfCompany.Clear();
        foreach (var column in _ofCompany)
        {
            var isGood = TryRead(rows, column, scratch, out var value, out var fault);
            if (!isGood) Refuse(rows, column, fault!);
            else if (fault is not null) Warn(rows, column, fault);
            OfCompany.Add(isGood && !value.IsEmpty ? Encoding.UTF8.GetString(value) : null);
        }
    }

    private void EncodeTags(RowReader rows, ByteBuffer tuples)
    {
        _tags.Clear();
        if (plan.Tags is { } column && ReadTags(rows[column.Index]) is { } fault) Refuse(rows, column, fault);
        _tags.Add(_addTags);
        _tags.WriteNames(tuples);
        _tags.WriteKeys(tuples);
        tuples.Boolean(plan.Tags is null || CellText.IsBlank(rows[plan.Tags.Index], isDate: false, _cells));
    }

    /// <summary>Reads the value of a column in stored form; empty for a blank one.</summary>
    /// <param name="rows">The current row.</param>
    /// <param name="column">The column.</param>
    /// <param name="scratch">Room for the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="fault">Why it is refused; with true, a warning: it is taken in part, or no option and so blank.</param>
    public static bool TryRead(
        RowReader rows, MappedColumn column, Span<byte> scratch, out ReadOnlySpan<byte> value, out Fault? fault)
    {
        var format = ShapedRows.FormatOf(rows, column);
        if (CellReader.TryRead(column.Read, rows[column.Index], scratch, out value, out fault, format)) return true;
        if (fault?.Code != "invalid_choice") return false;
        if (column.TakesUnknown && OptionOf(rows, column) is { } option)
        {
            value = Encoding.UTF8.GetBytes(option);
            fault = null;
            return true;
        }

        if (!column.BlanksUnknown) return false;
        value = column.Default;
        return true;
    }

    /// <summary>The option that a cell would become, in stored form; null if it cannot be one.</summary>
    public static string? OptionOf(RowReader rows, MappedColumn column) =>
        ChoiceOptions.ReadOne(Encoding.UTF8.GetString(CellText.Of(rows[column.Index], isDate: false, column.Cells)));

    /// <summary>Reads the tags of a cell.</summary>
    public static Fault? ReadTags(TagCell tags, ReadOnlySpan<byte> cell, in CellFormat cells, ReadOnlySpan<byte> delimiter) =>
        tags.Read(Utf8.IsValid(cell) ? CellText.Of(cell, isDate: false, cells) : cell, delimiter);

    // The stored form needs valid text; the reader of tags refuses any other.
    private Fault? ReadTags(ReadOnlySpan<byte> cell) => ReadTags(_tags, cell, _cells, _tagDelimiter);

    private void Warn(RowReader rows, MappedColumn column, Fault fault) =>
        Partial.Add(new BadCell(column.Name, column.Field.Key, fault, ShownValue.Of(rows[column.Index])));

    private void Refuse(RowReader rows, MappedColumn column, Fault fault) =>
        Bad.Add(new BadCell(column.Name, column.Field.Key, fault, ShownValue.Of(rows[column.Index])));
}
