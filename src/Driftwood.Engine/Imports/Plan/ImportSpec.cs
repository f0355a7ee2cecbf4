using System.Text.Json;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>The effect of a row that matches a record.</summary>
public enum DuplicateStrategy
{
    /// <summary>The record stays as it is.</summary>
    Skip,

    /// <summary>Non-blank cells win; tags are united.</summary>
    Merge,

    /// <summary>Every field takes the row's value; unmapped or blank ones are cleared.</summary>
    Overwrite,
}

/// <summary>The rows that are applied.</summary>
public enum ImportMode
{
    /// <summary>Rows without a match create, rows with one follow the strategy.</summary>
    Upsert,

    /// <summary>Rows with a match are skipped.</summary>
    CreateOnly,

    /// <summary>Rows without a match are skipped.</summary>
    UpdateOnly,
}

/// <summary>The effect of a blank cell on a matched record under <see cref="DuplicateStrategy.Merge"/>.</summary>
public enum BlankCells
{
    Keep,
    Clear,
}

/// <summary>Whether contacts are linked with the companies that their rows name.</summary>
public enum LinkCompanies
{
    None,

    /// <summary>With existing companies only.</summary>
    Existing,

    /// <summary>Missing companies are created.</summary>
    Create,
}

/// <summary>The records that get a column's value.</summary>
public enum ColumnPolicy
{
    /// <summary>New records and, as the strategy says, records that are matched.</summary>
    Overwrite,

    /// <summary>New records, and those that are matched and have no value.</summary>
    FillBlank,

    /// <summary>New records only.</summary>
    CreateOnly,
}

/// <summary>A confirmed import: all settings that decide the meaning of a row. Stored with the job as JSON.</summary>
public sealed record ImportSpec
{
    /// <summary>Column name (as in the preview's headers) to field key; unmapped columns are left out.</summary>
    public required IReadOnlyDictionary<string, string> ColumnMapping { get; init; }

    /// <summary>
    /// Field key to the value that every row has, as <see cref="Plan.Constants"/> reads it. No column is mapped to the field.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> Constants { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>Column name to policy, of the mapped columns whose policy is not <see cref="ColumnPolicy.Overwrite"/>.</summary>
    public IReadOnlyDictionary<string, ColumnPolicy> ColumnPolicies { get; init; } = new Dictionary<string, ColumnPolicy>();

    /// <summary>Column name to an object with <see cref="CellSettings.Members"/>, of the mapped columns that have any.</summary>
    public IReadOnlyDictionary<string, JsonElement> ColumnSettings { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>
    /// Field key to where its value comes from, as <see cref="ComputedField"/> reads it. No column is mapped to the field.
    /// </summary>
    public IReadOnlyDictionary<string, JsonElement> ComputedFields { get; init; } = new Dictionary<string, JsonElement>();

    public DuplicateStrategy DuplicateStrategy { get; init; } = DuplicateStrategy.Skip;

    /// <summary>The key of the field that rows are matched on. It is mapped. Null: every row creates a record.</summary>
    public string? MatchOn { get; init; }

    /// <summary>Rows without a value in <see cref="MatchOn"/> are matched on the first of these fields in which they have one.</summary>
    public IReadOnlyList<string> AlsoMatchOn { get; init; } = [];

    public ImportMode Mode { get; init; } = ImportMode.Upsert;

    public BlankCells BlankCells { get; init; } = BlankCells.Keep;

    /// <summary>Separates the tags of a cell.</summary>
    public string TagDelimiter { get; init; } = ",";

    /// <summary>Tags that every created, merged or overwritten record gets.</summary>
    public IReadOnlyList<string> AddTags { get; init; } = [];

    /// <summary>How the file's dates are written.</summary>
    public DateFormat DateFormat { get; init; } = DateFormat.YearMonthDay;

    /// <summary>The file's numbers have a decimal comma.</summary>
    public bool DecimalComma { get; init; }

    /// <summary>Two-digit years below it are in the 2000s, the others in the 1900s, 0 to 99; null: years have four digits.</summary>
    public int? TwoDigitYears { get; init; }

    /// <summary>The country of phone numbers without a country code; null: they are stored as they are written.</summary>
    public string? PhoneCountry { get; init; }

    /// <summary>Cells that stand for no value.</summary>
    public IReadOnlyList<string> NullValues { get; init; } = [];

    /// <summary>For contacts only.</summary>
    public LinkCompanies LinkCompanies { get; init; } = LinkCompanies.None;

    /// <summary>The change log keeps what records held before, so that the import can be undone.</summary>
    public bool KeepChanges { get; init; } = true;

    /// <summary>Finds the outcome of each row, and writes no record.</summary>
    public bool DryRun { get; init; }

    /// <summary>The columns from which fields take their values.</summary>
    public IEnumerable<string> ReadColumns() =>
        ColumnMapping.Keys.Union(ComputedFields.Values.Select(given => ComputedField.Read(given, out _)?.Column).OfType<string>());

    /// <summary>The keys of the fields that rows fill.</summary>
    public IEnumerable<string> FilledFields() => ColumnMapping.Values.Concat(ComputedFields.Keys).Concat(Constants.Keys);

    /// <summary>Values that are no options of some field become options when the import is confirmed.</summary>
    public bool AddsOptions() => ColumnSettings.Values.Concat(ComputedFields.Values).Any(CellSettings.AddOptions);

    /// <summary>Blank cells clear the values of a matched record.</summary>
    internal bool Clears => DuplicateStrategy == DuplicateStrategy.Overwrite || BlankCells == BlankCells.Clear;

    /// <summary>A change may leave a record without any of the fields of which it needs one.</summary>
    public bool MayClearNeeded(RecordType type) =>
        Clears && type.AnyOf.Count > 0 && MatchOn is { } match && !AlsoMatchOn.Prepend(match).All(type.AnyOf.Contains);

    /// <summary>How the file's cells are written.</summary>
    public CellFormat Cells() => new(DateFormat, DecimalComma)
    {
        IsFile = true,
        // Google Contacts joins the values of any column as it joins labels.
        TakesFirst = TagDelimiter.Trim() == ":::",
        NullValues = NullMarkers.Of(NullValues),
        TwoDigitYears = TwoDigitYears,
        PhoneCountry = PhoneCountry,
    };
}
