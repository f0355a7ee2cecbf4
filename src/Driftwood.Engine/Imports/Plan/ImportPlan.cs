using System.Text;
using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Plan;

/// <summary>An import that is ready to run: its mapping resolved against the file's columns and the type's fields.</summary>
internal sealed class ImportPlan
{
    public ImportPlan(RecordType type, ImportSpec spec, IReadOnlyList<string> headers)
    {
        Type = type;
        Spec = spec;
        Cells = spec.Cells();
        Shape = new RowShape(headers.Count, Cells);
        MappedColumn[] mapped = [.. OfFile(headers), .. OfComputed(headers), .. OfConstants(headers)];
        Columns = [.. mapped.Where(column => column.Field is { IsTags: false, OfCompany: null })];
        Own = [.. Columns.Where(column => !column.Field.IsCustom)];
        Custom = [.. Columns.Where(column => column.Field.IsCustom)];
        Tags = mapped.FirstOrDefault(column => column.Field.IsTags);
        AddTags = TagSet.Read(spec.AddTags, out _);
        Match = spec.MatchOn is null ? null : Columns.Single(column => column.Field.Key == spec.MatchOn);
        AlsoMatch = [.. spec.AlsoMatchOn.Select(key => Columns.Single(column => column.Field.Key == key))];
        if (Matches.FirstOrDefault(column => column.Field is { MatchKey: null, Kind: not FieldKind.Id }) is { Field: var field })
        {
            throw new JobFailedException($"The field {field.Key}, which rows are matched on, is no longer unique.");
        }

        Missing = type.Fields.FirstOrDefault(field =>
            field is { Required: true, IsReadOnly: false } && Columns.All(column => column.Field != field));
        OtherUnique = [.. Columns.Where(column => column.Field.Unique && column != Match)];
        if (spec.LinkCompanies != LinkCompanies.None)
            Company = CompanyColumns.Of(Columns, [.. mapped.Where(column => column.Field.OfCompany is not null)]);
        Strategy = ApplyStrategy.Of(this);
    }

    public RecordType Type { get; }

    public ImportSpec Spec { get; }

    /// <summary>How the statements are written for the database.</summary>
    public SqlDialect Dialect { get; init; } = SqlDialect.Plain;

    /// <summary>How the import's rows are applied.</summary>
    public ApplyStrategy Strategy { get; }

    /// <summary>How the file's cells are written.</summary>
    public CellFormat Cells { get; }

    /// <summary>The cells of a row that <see cref="Columns"/> and <see cref="Tags"/> tell of.</summary>
    public RowShape Shape { get; }

    /// <summary>
    /// The fields that rows fill: those of columns in the file's order, computed ones, then constants. The record's tags and the fields of
    /// companies are left out.
    /// </summary>
    public IReadOnlyList<MappedColumn> Columns { get; }

    /// <summary>Those of <see cref="Columns"/> whose field has a column of its own.</summary>
    public IReadOnlyList<MappedColumn> Own { get; }

    /// <summary>Those of <see cref="Columns"/> whose values stand in <c>custom</c>.</summary>
    public IReadOnlyList<MappedColumn> Custom { get; }

    /// <summary>The column for the record's tags.</summary>
    public MappedColumn? Tags { get; }

    /// <summary>All columns: <see cref="Columns"/>, <see cref="Tags"/>, and those of fields of companies.</summary>
    public IEnumerable<MappedColumn> AllColumns =>
        Columns.Concat(Tags is null ? [] : new[] { Tags }).Concat(Company?.Filled ?? []);

    public TagSet AddTags { get; }

    /// <summary>The column that rows are matched on, or null.</summary>
    public MappedColumn? Match { get; }

    /// <summary>The columns that rows without a value in <see cref="Match"/> are matched on: the first in which they have one.</summary>
    public IReadOnlyList<MappedColumn> AlsoMatch { get; }

    /// <summary>All columns that rows may be matched on, in their order.</summary>
    public IEnumerable<MappedColumn> Matches => Match is null ? [] : AlsoMatch.Prepend(Match);

    /// <summary>A row is matched on the first of several columns in which it has a value.</summary>
    public bool MatchesOnSeveral => AlsoMatch.Count > 0;

    /// <summary>The columns beside <see cref="Match"/> whose values may decide what another row finds, or is refused for.</summary>
    public IEnumerable<MappedColumn> Compared => OtherUnique.Union(AlsoMatch);

    /// <summary>Mapped columns whose values no two records may share, without the match column.</summary>
    public IReadOnlyList<MappedColumn> OtherUnique { get; }

    /// <summary>
    /// The first required field that no column fills. It was not required when the import was confirmed.
    /// </summary>
    public Field? Missing { get; }

    /// <summary>The columns by which contacts are linked with companies; null where they are not.</summary>
    public CompanyColumns? Company { get; }

    /// <summary>The type of the companies that the import may make, with the account's fields.</summary>
    public RecordType Companies => Type.Companies ?? RecordTypes.Companies;

    /// <summary>Companies that rows name and that are missing are made.</summary>
    public bool MakesCompanies => Spec.LinkCompanies == LinkCompanies.Create;

    /// <summary>Rows give values to companies that exist.</summary>
    public bool ChangesCompanies => !IsDryRun && Spec.DuplicateStrategy != DuplicateStrategy.Skip
        && Company is { } company && company.Given.Any(column => column.Policy != ColumnPolicy.CreateOnly);

    /// <summary>Rows may make companies, or change them.</summary>
    public bool WritesCompanies => MakesCompanies || ChangesCompanies;

    public bool StagesTags => Tags is not null || AddTags.Names.Count > 0;

    /// <summary>Rows that match a record change it.</summary>
    public bool UpdatesMatches =>
        Match is not null && Spec.Mode != ImportMode.CreateOnly && Spec.DuplicateStrategy != DuplicateStrategy.Skip;

    /// <summary>Rows that match no record create one. A row matched on its id never does: only Driftwood gives ids.</summary>
    public bool CreatesRecords => Spec.Mode != ImportMode.UpdateOnly && Match?.Field.Kind != FieldKind.Id;

    /// <summary>No record is written, only the state that later rows of the same run depend on.</summary>
    public bool IsDryRun => Spec.DryRun;

    /// <summary>The change log keeps what records held before, so that the import can be undone.</summary>
    public bool KeepsChanges => Spec.KeepChanges;

    /// <summary>Changed records keep the values that the row does not mention.</summary>
    public bool Merges => UpdatesMatches && Spec.DuplicateStrategy == DuplicateStrategy.Merge;

    /// <summary>Changed records lose the values that the row does not mention.</summary>
    public bool Overwrites => UpdatesMatches && Spec.DuplicateStrategy == DuplicateStrategy.Overwrite;

    /// <summary>Blank cells clear the values of a matched record.</summary>
    public bool Clears => Spec.Clears;

    /// <summary>A change may leave a record without any of the fields of a required group.</summary>
    public bool NeedsAnyOf => Spec.MayClearNeeded(Type);

    /// <summary>Created records are named by number.</summary>
    public bool NumbersRecords => Type.Autonumber is not null && CreatesRecords;

    /// <summary>
    /// The name field, if names are given by number and must also be unique. It is needed because some names may not come from the
    /// pattern.
    /// </summary>
    public Field? UniqueNumberedName => NumbersRecords ? Type.UniqueValueFields.FirstOrDefault(f => f.IsReadOnly) : null;

    // Text of several columns is joined by the time a field reads it, so nothing that only files write is left in it.
    private IEnumerable<MappedColumn> OfFile(IReadOnlyList<string> headers)
    {
        var fields = headers.Index()
            .Where(column => Spec.ColumnMapping.ContainsKey(column.Item))
            .GroupBy(column => Spec.ColumnMapping[column.Item]);
        foreach (var columns in fields)
        {
            var field = Find(Type, columns.Key);
            var (place, name) = columns.First();
            Source[] sources =
            [
                .. columns.Select(column => new Source(
                    column.Index, SettingsOf(field, headers, Spec.ColumnSettings.TryGetValue(column.Item, out var given) ? given : null)))
            ];
            var policy = Spec.ColumnPolicies.GetValueOrDefault(name);
            yield return Mapped(field, name, sources) with { Place = place, Policy = PolicyOf(field, policy) };
        }
    }

    private IEnumerable<MappedColumn> OfComputed(IReadOnlyList<string> headers)
    {
        foreach (var (n, (key, given)) in Spec.ComputedFields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Index())
        {
            var field = Find(Type, key);
            var computed = ComputedField.Read(given, out var fault)
                ?? throw new JobFailedException($"The computed field {key} cannot be read: {fault!.Message}");
            var source = new Source(headers.ToList().IndexOf(computed.Column), SettingsOf(field, headers, computed.Settings));
            var policy = PolicyOf(field, computed.Policy);
            yield return Mapped(field, computed.Column, [source]) with { Place = headers.Count + n, Policy = policy };
        }
    }

    // A record was created once.
    private static ColumnPolicy PolicyOf(Field field, ColumnPolicy given) =>
        field == RecordType.CreatedAt ? ColumnPolicy.CreateOnly : given;

    private readonly record struct Source(int Index, CellSettings? Settings);

    private MappedColumn Mapped(Field field, string name, Source[] sources)
    {
        var byDefault = sources.Select(source => source.Settings?.Default).FirstOrDefault(value => value is not null);
        // No cell stays blank where there is a default.
        var onCreate = byDefault is null
            ? sources.Select(source => source.Settings?.OnCreate).FirstOrDefault(value => value is not null)
            : null;
        // Where no record is matched, every row creates one.
        if (Spec.MatchOn is null && field.OfCompany is null) (byDefault, onCreate) = (byDefault ?? onCreate, null);
        var addsOptions = sources.Any(source => source.Settings is { AddsOptions: true });
        var isJoined = sources.Length > 1;
        var isPlain = !isJoined && byDefault is null && sources[0].Settings is null or { KeepsText: true };
        var index = isPlain
            ? sources[0].Index
            : Shape.Derive([.. sources.Select(source => new CellSource(source.Index, field.Type.IsDate, source.Settings))], byDefault);
        return new MappedColumn(index, name, field, isJoined ? default : Cells)
        {
            Place = 0,
            Default = byDefault,
            OnCreate = onCreate,
            By = sources.Select(source => source.Settings?.By).FirstOrDefault(by => by is not null),
            AddsOptions = addsOptions,
            TakesUnknown = addsOptions && Spec.DryRun,
            BlanksUnknown = sources.Any(source => source.Settings is { BlanksUnknown: true }),
        };
    }

    private CellSettings? SettingsOf(Field field, IReadOnlyList<string> headers, JsonElement? given)
    {
        if (given is null) return null;
        List<Fault> faults = [];
        var settings = CellSettings.Read(Type, field, headers, given.Value, faults);
        if (faults.Count > 0)
            throw new JobFailedException($"A setting no longer fits the field {field.Key}: {faults[0].Path}: {faults[0].Message}");
        return settings;
    }

    private IEnumerable<MappedColumn> OfConstants(IReadOnlyList<string> headers)
    {
        List<Fault> faults = [];
        var constants = Constants.Read(Type, Spec.Constants, faults);
        if (faults.Count > 0)
        {
            throw new JobFailedException($"A constant no longer fits the fields of {Type.Key}: {faults[0].Path}: {faults[0].Message}");
        }

        foreach (var (n, constant) in constants.Index())
        {
            var index = Shape.AddConstant(Encoding.UTF8.GetBytes(constant.Text));
            var place = headers.Count + Spec.ComputedFields.Count + n;
            yield return new MappedColumn(index, null, constant.Field, default) { Place = place, Policy = constant.Policy };
        }
    }

    // The fields of a confirmed import may have changed since.
    private static Field Find(RecordType type, string key) => type.FindMappable(key) switch
    {
        null => throw new JobFailedException($"The field {key}, to which a column is mapped, is no longer there."),
        { IsReadOnly: true } => throw new JobFailedException($"The field {key}, to which a column is mapped, can no longer be set."),
        var field => field,
    };
}
