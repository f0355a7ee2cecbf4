using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldKinds;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using static System.FormattableString;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>A mapped column: where it stands in the file and what it fills.</summary>
/// <param name="Index">From 0.</param>
/// <param name="Name">The column's name.</param>
/// <param name="Field">The field it fills.</param>
internal sealed record MappedColumn(int Index, string Name, Field Field)
{
    /// <summary>The staged value's column.</summary>
    public string Value => "v_" + Field.Key;

    /// <summary>The staged match key's column; only where the field has one. Keys of custom fields may be as long as a name can be.</summary>
    public string Key => Field.Slot is { } slot ? Invariant($"k_{slot}") : "k_" + Field.Key;
}

/// <summary>An import made ready to run: the mapping resolved against the file's columns and the type's fields.</summary>
internal sealed class ImportPlan
{
    public ImportPlan(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
    {
        Type = type;
        Spec = spec;
        Cells = new CellFormat(spec.DateFormat, spec.DecimalComma);
        var mapped = headers
            .Select((name, index) => (name, index))
            .Where(column => spec.ColumnMapping.ContainsKey(column.name))
            .Select(column => new MappedColumn(column.index, column.name, Find(type, spec.ColumnMapping[column.name])))
            .ToArray();
        Columns = [.. mapped.Where(column => !column.Field.IsTags)];
        Own = [.. Columns.Where(column => !column.Field.IsCustom)];
        Custom = [.. Columns.Where(column => column.Field.IsCustom)];
        Tags = mapped.FirstOrDefault(column => column.Field.IsTags);
        AddTags = TagSet.Read(spec.AddTags, out _);
        Match = spec.MatchOn is null ? null : Columns.Single(column => column.Field.Key == spec.MatchOn);
        if (Match is { Field: { MatchKey: null, Kind: not FieldKind.Id } field }) throw new JobFailedException($"The field {field.Key}, which rows are matched on, is no longer unique.");
        Missing = type.Fields.FirstOrDefault(field => field is { Required: true, IsReadOnly: false } && Columns.All(column => column.Field != field));
        OtherUnique = [.. Columns.Where(column => column.Field.Unique && column != Match)];
        Company = spec.LinkCompanies == LinkCompanies.None ? null : CompanyColumns.Of(Columns);
    }

    public RecordType Type { get; }

    public ImportSpec Spec { get; }

    /// <summary>How the file's cells are written.</summary>
    public CellFormat Cells { get; }

    /// <summary>Mapped columns in the file's order, without the one for the record's tags.</summary>
    public IReadOnlyList<MappedColumn> Columns { get; }

    /// <summary>Those of <see cref="Columns"/> whose field has a column of its own.</summary>
    public IReadOnlyList<MappedColumn> Own { get; }

    /// <summary>Those of <see cref="Columns"/> whose values stand in <c>custom</c>.</summary>
    public IReadOnlyList<MappedColumn> Custom { get; }

    /// <summary>The column for the record's tags.</summary>
    public MappedColumn? Tags { get; }

    public TagSet AddTags { get; }

    /// <summary>The column rows are matched on, or null.</summary>
    public MappedColumn? Match { get; }

    /// <summary>Mapped columns whose values no two records may share, without the match column.</summary>
    public IReadOnlyList<MappedColumn> OtherUnique { get; }

    /// <summary>The first field that a record cannot be without and no column fills: it was not required when the import was confirmed.</summary>
    public Field? Missing { get; }

    /// <summary>What contacts are linked with companies by; null where they are not.</summary>
    public CompanyColumns? Company { get; }

    /// <summary>The type of the companies that it may make, with the account's fields.</summary>
    public RecordType Companies { get; init; } = RecordTypes.Companies;

    /// <summary>Companies that rows name and that are missing are made.</summary>
    public bool MakesCompanies => Spec.LinkCompanies == LinkCompanies.Create;

    public bool StagesTags => Tags is not null || AddTags.Names.Count > 0;

    /// <summary>Rows that match a record change it.</summary>
    public bool UpdatesMatches => Match is not null && Spec.Mode != ImportMode.CreateOnly && Spec.DuplicateStrategy != DuplicateStrategy.Skip;

    /// <summary>Rows that match a record are skipped, whatever else they say: only one record can have their key.</summary>
    public bool SkipsMatches => Match is { Field.Unique: true } && !UpdatesMatches;

    /// <summary>How many unique values beside its match key a row may set, for a later row of the same key to change again.</summary>
    public int ValuesToGiveUp => UpdatesMatches ? OtherUnique.Count : 0;

    /// <summary>Rows that match no record create one. A row matched on its id never does: ids are ours to give.</summary>
    public bool CreatesRecords => Spec.Mode != ImportMode.UpdateOnly && Match?.Field.Kind != FieldKind.Id;

    /// <summary>Nothing is written but what later rows of the same run have to know.</summary>
    public bool IsDryRun => Spec.DryRun;

    /// <summary>Matches are changed, and keep what the row says nothing of.</summary>
    public bool Merges => UpdatesMatches && Spec.DuplicateStrategy == DuplicateStrategy.Merge;

    /// <summary>Blank cells clear what a matched record has.</summary>
    public bool Clears => Spec.DuplicateStrategy == DuplicateStrategy.Overwrite || Spec.BlankCells == BlankCells.Clear;

    /// <summary>A change may leave a record with none of the fields of which it needs one.</summary>
    public bool NeedsAnyOf => Clears && Type.AnyOf.Count > 0 && !Type.AnyOf.Contains(Match!.Field.Key);

    /// <summary>The name field where names are given by number and kept apart nevertheless, for names that did not come from this pattern.</summary>
    public Field? UniqueNumberedName => NumbersRecords ? Type.UniqueValueFields.FirstOrDefault(f => f.IsReadOnly) : null;

    /// <summary>Created records are named by number.</summary>
    public bool NumbersRecords => Type.Autonumber is not null && CreatesRecords;

    /// <summary>
    /// Whether a row's staged values are those of the record it creates, as they stand, and nothing but a match can keep it from
    /// creating one, if it has what a record needs.
    /// </summary>
    public bool InsertsDirectly => CreatesRecords && !IsDryRun && !NumbersRecords && Company is null && OtherUnique.Count == 0 && Missing is null
        && Match is null or { Field.KeyColumn: not null } && (Tags is null || AddTags.Names.Count == 0)
        && Own.All(column => column.Field is { SqlType: "text", UniqueId: null }) && Custom.All(column => column.Field.MatchKey is null);

    /// <summary>
    /// Whether records are changed by rows that have their key and by nothing else: no check reads the record or keeps a row from
    /// changing it, and nothing stands beside it.
    /// </summary>
    public bool UpdatesDirectly => UpdatesMatches && !IsDryRun && Match is { Field: { Unique: true, KeyColumn: not null } } && !NeedsAnyOf && !StagesTags
        && Company is null && OtherUnique.Count == 0 && Type.UniqueValueFields.All(unique => unique.IsReadOnly)
        && Columns.All(column => column.Field.Kind != FieldKind.Reference)
        && !(Clears && (Missing is not null || Columns.Any(column => column.Field.Required)));

    /// <summary>
    /// Whether the rows that repeat a match key may be applied together after the first of them: where matches are left alone and
    /// nothing that stands in the database can fail the first, all the others are skipped. A file may have one placeholder for
    /// an address in a third of its rows.
    /// </summary>
    public bool RepeatsGoTogether => Match is not null && !UpdatesMatches && CreatesRecords && !NumbersRecords && !MakesCompanies
        && OtherUnique.Count == 0 && Missing is null && (Tags is null || AddTags.Names.Count == 0)
        && (Type.AnyOf.Count == 0 || Type.AnyOf.Contains(Match.Field.Key))
        && Columns.All(column => column == Match || column.Field is { Required: false, Kind: not FieldKind.Reference });

    /// <summary>
    /// Whether lanes may run side by side: unless companies are made, which the rows of all other keys find. Where there are
    /// <see cref="OtherUnique"/> columns, only once the contested-key scan has found the keys that contend for their values.
    /// </summary>
    public bool RunsInLanes => !MakesCompanies;

    // What a confirmed import counts on may have been changed since.
    private static Field Find(RecordType type, string key) => type.Find(key) switch
    {
        null => throw new JobFailedException($"The field {key}, to which a column is mapped, is no longer there."),
        { IsReadOnly: true } => throw new JobFailedException($"The field {key}, to which a column is mapped, can no longer be set."),
        var field => field,
    };
}
