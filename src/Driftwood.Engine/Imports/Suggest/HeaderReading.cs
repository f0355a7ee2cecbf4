using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>What a header says of its column.</summary>
/// <param name="Field">The key of a field, or <see cref="ColumnNames.FullName"/>.</param>
/// <param name="Confidence">See <see cref="SuggestedColumn"/>.</param>
/// <param name="Rank">Of several columns for the field, the lowest is taken.</param>
/// <param name="Group">The columns of one postal address have the same; empty for an address without qualifiers.</param>
/// <param name="IsDoubtful">The values have to agree.</param>
internal readonly record struct HeaderMeaning(string Field, double Confidence, int Rank, string Group, bool IsDoubtful);

/// <summary>Reads headers: the whole name, the name beside qualifiers, or a name with a typing error.</summary>
internal sealed class HeaderReading(RecordType type)
{
    private const double ByName = 1.0;
    private const double ByOtherName = 0.9;
    private const double BySecondName = 0.8;
    private const double ByDoubtfulName = 0.7;
    private const double ByNearMiss = 0.6;

    private const int NearMissRank = 7;

    /// <summary>Every further number, such as Phone 2, is after all other columns.</summary>
    private const int NumberRank = 10;

    /// <summary>In shorter names one letter makes another word: cell and call, city and cite.</summary>
    private const int MinSwapped = 5;

    private const int MinMissing = 6;

    /// <summary>More words can be left out in too many ways.</summary>
    private const int MaxRemovable = 8;

    /// <summary>Longer headers are sentences.</summary>
    private const int MaxLength = 200;

    private readonly ColumnNames _names = ColumnNames.Of(type);

    private readonly (Field Field, string Key, string Label)[] _fields =
    [
        .. type.Fields.Where(field => !field.IsReadOnly)
            .Select(field => (field, HeaderWords.Join(field.Key), HeaderWords.Join(field.Label))),
    ];

    /// <summary>The meanings of a header, none if it is not known.</summary>
    public IReadOnlyList<HeaderMeaning> Read(string header)
    {
        if (header.Length > MaxLength) return [];
        // A key means its own field, also where another field's label has the same words.
        var exact = _fields.Select(field => field.Field).FirstOrDefault(field => field.Key == header);
        if (exact is { IsCustom: true }) return [new HeaderMeaning(exact.Key, ByName, 0, "", false)];
        var words = HeaderWords.Of(header);
        var joined = string.Concat(words);
        if (joined.Length == 0) return [];
        var custom = Own(joined).Where(field => field.IsCustom).ToList();
        if (custom.Count > 0 && exact is null) return [.. custom.Select(field => new HeaderMeaning(field.Key, ByName, 0, "", false))];
        if (_names.FindAccented(header) is { } accented) return [new HeaderMeaning(accented, ByOtherName, 0, "", false)];
        if (ColumnNames.Known.Contains(joined)) return [];
        if (Whole(joined) is { Count: > 0 } whole) return whole;
        if (Reads(words) is { Count: > 0 } qualified) return qualified;
        if (Reads([.. words.Select(WithoutUmlauts)]) is { Count: > 0 } spelled) return spelled;
        return IsRefused(header) ? [] : NearMiss(joined);
    }

    /// <summary>Whether a header has a word that makes its column something else.</summary>
    public static bool IsRefused(string header) =>
        HeaderWords.Of(header) is var words
        && (words.Any(ColumnNames.Refused.Contains) || ColumnNames.Refused.Contains(string.Concat(words))
            || words.Zip(words.Skip(1), string.Concat).Any(ColumnNames.Refused.Contains));

    /// <summary>The fields that have the name as their key or label.</summary>
    private IEnumerable<Field> Own(string joined) =>
        from field in _fields where Same(joined, field.Key) || Same(joined, field.Label) select field.Field;

    private List<HeaderMeaning> Whole(string joined)
    {
        var own = Own(joined).FirstOrDefault();
        List<HeaderMeaning> meanings = own is null ? [] : [new HeaderMeaning(own.Key, ByName, 0, "", false)];
        meanings.AddRange(Known(joined).Where(name => name.Field != own?.Key).Select(name => Meaning(name, 0, "")));
        return meanings;
    }

    private List<HeaderMeaning> Reads(List<string> words)
    {
        if (words.Any(ColumnNames.Refused.Contains)) return [];
        return Qualified(words) is { Count: > 0 } qualified ? qualified : Compound(string.Concat(words));
    }

    // Leaves out as few words as possible, so that the rest is a name and the words left out fit it.
    private List<HeaderMeaning> Qualified(List<string> words)
    {
        int[] removable = [.. Enumerable.Range(0, words.Count).Where(i => IsRemovable(words[i]))];
        if (removable.Length is 0 or > MaxRemovable) return [];
        foreach (var chosen in Enumerable.Range(1, (1 << removable.Length) - 1).OrderBy(int.PopCount))
        {
            bool[] left = new bool[words.Count];
            for (var i = 0; i < removable.Length; i++) left[removable[i]] = (chosen >> i & 1) == 1;
            var rest = string.Concat(words.Where((_, i) => !left[i]));
            if (rest.Length == 0) continue;
            List<HeaderMeaning> meanings = [];
            foreach (var name in Known(rest))
            {
                if (Fit(name, words, left) is { } meaning) meanings.Add(meaning);
            }

            if (meanings.Count > 0) return meanings;
        }

        return [];
    }

    private HeaderMeaning? Fit(ColumnName name, List<string> words, bool[] left)
    {
        var kind = KindOf(name.Field);
        var rank = 0;
        SortedSet<string> groups = new(StringComparer.Ordinal);
        var lastOfName = Array.LastIndexOf(left, false);
        for (var i = 0; i < words.Count; i++)
        {
            if (!left[i]) continue;
            var word = words[i];
            if (HeaderWords.IsNumber(word))
            {
                if (word.Length > 2 || kind is "name" or "id" or "other") return null;
                var number = int.Parse(word, System.Globalization.CultureInfo.InvariantCulture);
                // A number right after the street tells a line of the address; elsewhere it tells the address.
                if (kind == "address" && i == lastOfName + 1 && i > 0)
                {
                    if (number > 1 && name.Field == "address") return null;
                    if (number <= 1) continue;
                }

                rank += Math.Max(0, number - 1) * NumberRank;
                groups.Add(word);
            }
            else if (QualifierOf(word, kind) is { } qualifier)
            {
                rank += qualifier.RankFor(kind);
                if (qualifier.Name.Length > 0) groups.Add(qualifier.Name);
            }
            else if (!ColumnNames.Connectors.Contains(word) && !_names.IsSubject(word))
            {
                return null;
            }
        }

        return Meaning(name, rank, string.Join(' ', groups));
    }

    // One word such as workemail, which a database or a language wrote without a blank.
    private List<HeaderMeaning> Compound(string joined)
    {
        const int shortest = 4;
        List<HeaderMeaning> meanings = [];
        foreach (var qualifier in ColumnNames.Qualifiers)
        {
            foreach (var word in qualifier.Words.Where(word => word.Length >= shortest && word.Length < joined.Length - 1))
            {
                var rest = joined.StartsWith(word, StringComparison.Ordinal) ? joined[word.Length..]
                    : joined.EndsWith(word, StringComparison.Ordinal) ? joined[..^word.Length] : null;
                if (rest is null) continue;
                meanings.AddRange(
                    from name in Known(rest)
                    let kind = KindOf(name.Field)
                    where qualifier.Of.Contains(kind) && kind != "company" && meanings.All(other => other.Field != name.Field)
                    select Meaning(name, qualifier.RankFor(kind), qualifier.Name));
            }
        }

        return meanings;
    }

    private List<HeaderMeaning> NearMiss(string joined)
    {
        var own = _fields.SelectMany(field => new[] { (Joined: field.Key, field.Field.Key), (Joined: field.Label, field.Field.Key) });
        var missed = own.Concat(_names.English.Select(entry => (entry.Joined, Key: entry.Field)))
            .Where(entry => IsNearMiss(joined, entry.Joined) && IsField(entry.Key)).Select(entry => entry.Key).Distinct().ToList();
        // A misspelling that is as near to the names of two fields is suggested for neither.
        return missed.Count == 1 ? [new HeaderMeaning(missed[0], ByNearMiss, NearMissRank, "", false)] : [];
    }

    private IEnumerable<ColumnName> Known(string joined)
    {
        var own = Own(joined).FirstOrDefault(field => !field.IsCustom);
        var names = _names.Find(joined).Where(name => IsField(name.Field));
        return own is null ? names : names.Where(name => name.Field != own.Key).Prepend(new ColumnName(own.Key, 0, false, true));
    }

    private bool IsField(string key) => key == ColumnNames.FullName
        ? type.Key == RecordTypes.Contacts.Key && type.TypeId is null
        : type.Fields.Any(field => field.Key == key && !field.IsReadOnly);

    private bool IsRemovable(string word) =>
        HeaderWords.IsNumber(word) || ColumnNames.Connectors.Contains(word) || _names.IsSubject(word)
        || ColumnNames.Qualifiers.Any(qualifier => qualifier.Words.Contains(word));

    private static Qualifier? QualifierOf(string word, string kind) =>
        ColumnNames.Qualifiers.FirstOrDefault(qualifier => qualifier.Of.Contains(kind) && qualifier.Words.Contains(word));

    private static HeaderMeaning Meaning(ColumnName name, int rank, string group) => new(
        name.Field,
        name.IsDoubtful ? ByDoubtfulName : name.Rank >= 2 ? BySecondName : ByOtherName,
        name.Rank + rank,
        group,
        name.IsDoubtful);

    private static string KindOf(string field) => field switch
    {
        "email" or "phone" => field,
        "website" or "url" or "linkedin_url" => "website",
        "address" or "city" or "state" or "postal_code" or "country" => "address",
        "first_name" or "last_name" or ColumnNames.FullName => "name",
        "company_name" or "job_title" or "name" => "company",
        "external_id" => "id",
        _ => "other",
    };

    private static string WithoutUmlauts(string word) => word
        .Replace("ae", "a", StringComparison.Ordinal).Replace("oe", "o", StringComparison.Ordinal)
        .Replace("ue", "u", StringComparison.Ordinal);

    // A plural is accepted on either side.
    private static bool Same(string name, string other) =>
        name == other || (name.Length == other.Length + 1 && name.StartsWith(other, StringComparison.Ordinal) && name[^1] == 's')
        || (other.Length == name.Length + 1 && other.StartsWith(name, StringComparison.Ordinal) && other[^1] == 's');

    /// <summary>Two neighbours are swapped, or one letter is missing or there twice.</summary>
    private static bool IsNearMiss(string name, string other)
    {
        if (name.Length < MinSwapped || other.Length < MinSwapped || Math.Abs(name.Length - other.Length) > 1) return false;
        var start = name.AsSpan().CommonPrefixLength(other);
        var a = name.AsSpan(start);
        var b = other.AsSpan(start);
        if (a.Length == b.Length) return a.Length > 1 && a[0] == b[1] && a[1] == b[0] && a[2..].SequenceEqual(b[2..]);
        if (Math.Max(name.Length, other.Length) < MinMissing) return false;
        if (a.Length < b.Length) return a.SequenceEqual(b[1..]);
        return a[1..].SequenceEqual(b) && start > 0 && (a[0] == name[start - 1] || (a.Length > 1 && a[0] == a[1]));
    }
}
