namespace Driftwood.Engine.Imports.Suggest;

/// <summary>A column that may be mapped to a field.</summary>
/// <param name="Column">From 0.</param>
/// <param name="Meaning">What its header says.</param>
/// <param name="IsBlank">No row has a value.</param>
internal readonly record struct Candidate(int Column, HeaderMeaning Meaning, bool IsBlank);

/// <summary>Chooses one of the postal addresses of a file and takes it whole, so that no street of one has the city of another.</summary>
internal static class AddressColumns
{
    private static readonly string[] Fields = ["address", "city", "state", "postal_code", "country"];

    /// <summary>An address with fewer of the fields than this share of the largest is a part, and not an address.</summary>
    private const double LeastShare = 0.6;

    public static bool Has(string field) => Fields.Contains(field);

    /// <summary>The columns of the chosen address, at most one for each field.</summary>
    public static IEnumerable<Candidate> Choose(IReadOnlyList<Candidate> candidates)
    {
        var groups = candidates.GroupBy(candidate => candidate.Meaning.Group).Select(Best).ToList();
        if (groups.Count == 0) return [];
        var filled = groups.Where(group => group.Values.Any(candidate => !candidate.IsBlank)).ToList();
        if (filled.Count == 0) filled = groups;
        var most = filled.Max(group => group.Count);
        var chosen = filled.Where(group => group.Count >= most * LeastShare)
            .OrderBy(group => group.Values.Min(candidate => candidate.Meaning.Rank))
            .ThenByDescending(group => group.Count)
            .ThenBy(group => group.Values.Min(candidate => candidate.Column))
            .First();
        return chosen.Values.Concat(Missing(chosen, groups));
    }

    private static Dictionary<string, Candidate> Best(IEnumerable<Candidate> group) => group
        .GroupBy(candidate => candidate.Meaning.Field)
        .ToDictionary(field => field.Key, field => field.OrderBy(candidate => candidate.IsBlank)
            .ThenBy(candidate => candidate.Meaning.Rank)
            .ThenByDescending(candidate => candidate.Meaning.Confidence)
            .ThenBy(candidate => candidate.Column).First());

    // Mailing Address, City, Zip: one column alone belongs to the others, if one of the two has no qualifier.
    private static IEnumerable<Candidate> Missing(Dictionary<string, Candidate> chosen, List<Dictionary<string, Candidate>> groups)
    {
        var hasNoQualifier = GroupOf(chosen).Length == 0;
        HashSet<string> filled = [.. chosen.Keys];
        foreach (var group in groups.Where(group => group.Count == 1 && group != chosen && (hasNoQualifier || GroupOf(group).Length == 0)))
        {
            var (field, candidate) = group.Single();
            if (filled.Add(field)) yield return candidate;
        }
    }

    private static string GroupOf(Dictionary<string, Candidate> group) => group.Values.First().Meaning.Group;
}
