using System.Text.Json;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>
/// The names that columns have in other programs, from <c>columns.json</c>. They are kept as <see cref="HeaderWords.Join"/> writes them.
/// </summary>
internal sealed class ColumnNames
{
    /// <summary>The whole name of a person, which is a column but no field.</summary>
    public const string FullName = "$full_name";

    private const int MinPlural = 4;

    private static readonly Dictionary<string, ColumnNames> ByType = [];
    private static readonly JsonElement Data = Load();

    private readonly Dictionary<string, List<ColumnName>> _names = [];
    private readonly Dictionary<string, string> _accented = [];
    private readonly HashSet<string> _subjects;

    static ColumnNames()
    {
        foreach (var type in Data.GetProperty("names").EnumerateObject().Select(type => type.Name).Where(type => type != "*"))
        {
            ByType[type] = new ColumnNames(type);
        }
    }

    private ColumnNames(string type)
    {
        var names = Data.GetProperty("names");
        _subjects = Data.GetProperty("subjects").TryGetProperty(type, out var subjects) ? Words(subjects) : [];
        Add(names.GetProperty("*"), isOwn: false);
        Add(names.GetProperty(type), isOwn: true);
        foreach (var field in Data.GetProperty("accented_names").EnumerateObject())
        {
            foreach (var name in Strings(field.Value)) _accented[name.ToLowerInvariant()] = field.Name;
        }

        English = [.. from entry in _names from name in entry.Value where name.IsEnglish select (entry.Key, name.Field)];
    }

    public static IReadOnlyList<Qualifier> Qualifiers { get; } =
        [.. Data.GetProperty("qualifiers").EnumerateArray().Select(Qualifier.Read)];

    public static HashSet<string> Connectors { get; } = Words("connectors");

    /// <summary>Words of columns that are about somebody or something else.</summary>
    public static HashSet<string> Refused { get; } = Words("refused");

    /// <summary>Names that have no field, and are no misspelling of one that has.</summary>
    public static HashSet<string> Known { get; } = Words("known");

    public static HashSet<string> Salutations { get; } = Words("salutations");

    public static HashSet<string> Statuses { get; } = Words("statuses");

    /// <summary>Words that say nothing, such as column and field.</summary>
    public static HashSet<string> Placeholders { get; } = Words("placeholders");

    /// <summary>Names of columns that hold the address of any page; the values say which.</summary>
    public static HashSet<string> ProfileNames { get; } = Words("profile_names");

    /// <summary>Names that mean the surname beside a column for the first name, and else the whole name.</summary>
    public static HashSet<string> SurnameBesideFirstName { get; } = Words("surname_beside_first_name");

    /// <summary>The columns for the first name beside which they do.</summary>
    public static HashSet<string> FirstNameOfSurnameLists { get; } = Words("first_name_of_surname_lists");

    private static Dictionary<string, HashSet<string>> NotBeside { get; } =
        Data.GetProperty("not_beside").EnumerateObject().ToDictionary(field => field.Name, field => Words(field.Value));

    /// <summary>Cells that other programs write for no value.</summary>
    public static IReadOnlyList<string> NullMarkers { get; } = [.. Strings(Data.GetProperty("null_markers"))];

    /// <summary>The names for a record type.</summary>
    public static ColumnNames Of(RecordType type) =>
        ByType.GetValueOrDefault(type.TypeId is null ? type.Key : "custom") ?? ByType["custom"];

    /// <summary>The fields that a name stands for, the best first. English names may be in the plural.</summary>
    public IReadOnlyList<ColumnName> Find(string joined)
    {
        if (_names.TryGetValue(joined, out var names)) return names;
        if (joined.Length < MinPlural) return [];
        var other = _names.GetValueOrDefault(joined + "s") ?? (joined[^1] == 's' ? _names.GetValueOrDefault(joined[..^1]) : null);
        return other is null ? [] : [.. other.Where(name => name.IsEnglish)];
    }

    /// <summary>The field that a header with its accents stands for, or null.</summary>
    public string? FindAccented(string header) => _accented.GetValueOrDefault(header.Trim().ToLowerInvariant());

    /// <summary>Whether a word names what the type's records are, and so says nothing.</summary>
    public bool IsSubject(string word) => _subjects.Contains(word);

    /// <summary>The English names of the fields, which people misspell in ways that can be recognised.</summary>
    public IReadOnlyList<(string Joined, string Field)> English { get; }

    /// <summary>Names of other columns beside which a field's column means something else.</summary>
    public static bool IsRefutedBeside(string field, IReadOnlyCollection<string> joinedHeaders) =>
        NotBeside.TryGetValue(field, out var others) && others.Overlaps(joinedHeaders);

    private void Add(JsonElement fields, bool isOwn)
    {
        foreach (var field in fields.EnumerateObject())
        {
            foreach (var list in field.Value.EnumerateObject())
            {
                // An id of the program's own is taken where no column names an id of another one.
                var rank = list.Name switch
                {
                    "second" => 2,
                    "doubtful" => 8,
                    _ => isOwn && field.Name == "external_id" ? 1 : 0,
                };
                var meaning = new ColumnName(field.Name, rank, list.Name == "doubtful", list.Name == "en");
                foreach (var name in Strings(list.Value)) Add(name, meaning);
            }
        }
    }

    private void Add(string name, ColumnName meaning)
    {
        var joined = HeaderWords.Join(name);
        if (!_names.TryGetValue(joined, out var meanings)) _names[joined] = meanings = [];
        if (meanings.All(other => other.Field != meaning.Field)) meanings.Add(meaning);
    }

    private static HashSet<string> Words(string list) => Words(Data.GetProperty(list));

    private static HashSet<string> Words(JsonElement list) => [.. Strings(list).Select(HeaderWords.Join)];

    private static IEnumerable<string> Strings(JsonElement list) => list.EnumerateArray().Select(item => item.GetString()!);

    private static JsonElement Load()
    {
        using var stream = typeof(ColumnNames).Assembly.GetManifestResourceStream("columns")
            ?? throw new InvalidOperationException("The names of columns are not embedded.");
        return JsonDocument.Parse(stream).RootElement.Clone();
    }
}

/// <summary>What a name of a column means.</summary>
/// <param name="Field">The key of a field, or <see cref="ColumnNames.FullName"/>.</param>
/// <param name="Rank">Of several columns for the field, the lowest is taken.</param>
/// <param name="IsDoubtful">The values have to agree.</param>
/// <param name="IsEnglish">The name is English.</param>
internal sealed record ColumnName(string Field, int Rank, bool IsDoubtful, bool IsEnglish);

/// <summary>A word beside a name that says which of several e-mail addresses, phones or postal addresses a column holds.</summary>
/// <param name="Name">Columns of one postal address have the same; empty if the word says nothing.</param>
/// <param name="Rank">Of several columns for the field, the lowest is taken.</param>
/// <param name="RankOf">Other ranks for kinds of fields.</param>
/// <param name="Of">The kinds of fields that it stands beside.</param>
/// <param name="Words">The words in all languages.</param>
internal sealed record Qualifier(
    string Name, int Rank, IReadOnlyDictionary<string, int> RankOf, IReadOnlySet<string> Of, IReadOnlySet<string> Words)
{
    public static Qualifier Read(JsonElement json) => new(
        json.GetProperty("name").GetString()!,
        json.GetProperty("rank").GetInt32(),
        json.TryGetProperty("rank_of", out var ranks)
            ? ranks.EnumerateObject().ToDictionary(rank => rank.Name, rank => rank.Value.GetInt32())
            : new Dictionary<string, int>(),
        json.GetProperty("of").EnumerateArray().Select(item => item.GetString()!).ToHashSet(),
        json.GetProperty("words").EnumerateArray().Select(item => HeaderWords.Join(item.GetString()!)).ToHashSet());

    public int RankFor(string kind) => RankOf.TryGetValue(kind, out var rank) ? rank : Rank;
}
