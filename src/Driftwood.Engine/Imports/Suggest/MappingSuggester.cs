using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>Guesses the field of each column of a file, from the headers or, if they give no clue, from the first rows.</summary>
public static class MappingSuggester
{
    private const double ByName = 1.0;
    private const double BySynonym = 0.9;
    private const double ByNearMiss = 0.6;
    private const double ByValues = 0.5;

    /// <summary>In shorter names one letter makes another word: cell and call, city and cite.</summary>
    private const int MinNearMiss = 5;

    /// <summary>
    /// One suggestion per column, in their order. Each field is suggested at most once, for the column that fits it best; the earlier
    /// column wins a tie. Sample rows may be shorter or longer than the headers.
    /// </summary>
    public static IReadOnlyList<SuggestedColumn> Suggest(RecordType type, IReadOnlyList<string> headers, IReadOnlyList<string[]> sampleRows)
    {
        List<(int Column, string Field, double Confidence)> guesses = [];
        for (var column = 0; column < headers.Count; column++)
        {
            var samples = Samples(sampleRows, column);
            guesses.AddRange(Guesses(type, headers[column], samples).Select(guess => (column, guess.Field, guess.Confidence)));
        }

        var suggested = headers.Select(header => new SuggestedColumn(header, null, 0)).ToArray();
        HashSet<string> taken = [];
        foreach (var (column, field, confidence) in guesses.OrderByDescending(guess => guess.Confidence).ThenBy(guess => guess.Column))
        {
            if (suggested[column].Field is null && taken.Add(field)) suggested[column] = new(headers[column], field, confidence);
        }

        // An id is only for matching. Beside another match field, the column would have to be removed again.
        if (taken.Any(field => field != RecordType.Id.Key && type.MatchFields.Contains(field)))
        {
            for (var column = 0; column < suggested.Length; column++)
            {
                if (suggested[column].Field == RecordType.Id.Key) suggested[column] = new SuggestedColumn(headers[column], null, 0);
            }
        }

        return suggested;
    }

    private static IEnumerable<(string Field, double Confidence)> Guesses(RecordType type, string header, List<string> samples)
    {
        var name = Simplify(header);
        if (name == RecordType.Id.Key)
        {
            if (samples.Count > 0 && samples.All(SampleKinds.IsId)) yield return (RecordType.Id.Key, ByName);
            yield break;
        }

        foreach (var field in type.Fields.Where(field => !field.IsReadOnly))
        {
            // The ids of another system are not ours, whatever the column's name is.
            if (field.Kind == FieldKind.Reference && !samples.All(SampleKinds.IsId)) continue;
            var confidence = Confidence(field, name);
            if (confidence > 0) yield return (field.Key, confidence);
        }

        if (SampleKinds.Guess(type, name, samples) is { } byValues) yield return (byValues.Key, ByValues);
    }

    private static double Confidence(Field field, string name)
    {
        string[] own = [Simplify(field.Key), Simplify(field.Label)];
        if (own.Any(other => Same(name, other))) return ByName;
        if (field.Synonyms.Any(other => Same(name, other))) return BySynonym;
        return own.Concat(field.Synonyms).Any(other => IsNearMiss(name, other)) ? ByNearMiss : 0;
    }

    /// <summary>Letters and digits in lower case, so that E-Mail, e_mail and eMail are equal.</summary>
    private static string Simplify(string name)
    {
        StringBuilder simple = new(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) simple.Append(Rune.ToLowerInvariant(rune));
        }

        return simple.ToString();
    }

    // A plural is accepted on either side.
    private static bool Same(string name, string other) =>
        name == other || (name.Length == other.Length + 1 && name.StartsWith(other, StringComparison.Ordinal) && name[^1] == 's')
        || (other.Length == name.Length + 1 && other.StartsWith(name, StringComparison.Ordinal) && other[^1] == 's');

    /// <summary>One letter is added, missing or different, or two neighbours are swapped.</summary>
    private static bool IsNearMiss(string name, string other)
    {
        if (name.Length < MinNearMiss || other.Length < MinNearMiss || Math.Abs(name.Length - other.Length) > 1) return false;
        var start = name.AsSpan().CommonPrefixLength(other);
        var a = name.AsSpan(start);
        var b = other.AsSpan(start);
        if (a.Length > b.Length) return a[1..].SequenceEqual(b);
        if (a.Length < b.Length) return a.SequenceEqual(b[1..]);
        return a.Length > 0
            && (a[1..].SequenceEqual(b[1..]) || (a.Length > 1 && a[0] == b[1] && a[1] == b[0] && a[2..].SequenceEqual(b[2..])));
    }

    private static List<string> Samples(IReadOnlyList<string[]> rows, int column) =>
        [.. rows.Where(row => column < row.Length && !string.IsNullOrWhiteSpace(row[column])).Select(row => row[column].Trim())];
}
