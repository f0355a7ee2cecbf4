using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Engine.Imports.Suggest;

/// <summary>
/// Suggests the field of each column of a file. The header decides; the values confirm or refute it. Values alone suggest only a web
/// address, and only where the header says nothing.
/// </summary>
public static class MappingSuggester
{
    private const double ByName = 1.0;
    private const double ByOtherName = 0.9;
    private const double ByValues = 0.4;

    private static readonly HashSet<string> NullMarkers = [.. ColumnNames.NullMarkers];

    /// <summary>
    /// One suggestion per column, in their order. Each field is suggested at most once, for the column that fits it best; the earlier
    /// column wins a tie. Sample rows may be shorter or longer than the headers.
    /// </summary>
    /// <param name="type">The record type.</param>
    /// <param name="headers">The names of the columns.</param>
    /// <param name="sampleRows">The first rows.</param>
    /// <param name="isBlank">Whether no row at all has a value in a column. By default, the sample rows tell.</param>
    public static IReadOnlyList<SuggestedColumn> Suggest(
        RecordType type, IReadOnlyList<string> headers, IReadOnlyList<string[]> sampleRows, Func<int, bool>? isBlank = null)
    {
        var samples = headers.Select((_, column) => Samples(sampleRows, column)).ToArray();
        isBlank ??= column => sampleRows.Count > 0 && samples[column].Count == 0;
        var columns = new Columns(type, headers, samples, sampleRows.Count > 0, isBlank);
        var suggested = columns.Choose();

        // An id is only for matching. Beside another match field, the column would have to be removed again.
        if (suggested.Any(column => column.Field is { } field && field != RecordType.Id.Key && type.MatchFields.Contains(field)))
        {
            for (var column = 0; column < suggested.Length; column++)
            {
                if (suggested[column].Field == RecordType.Id.Key) suggested[column] = new SuggestedColumn(headers[column], null, 0);
            }
        }

        return suggested;
    }

    private static List<string> Samples(IReadOnlyList<string[]> rows, int column) =>
    [
        .. rows.Where(row => column < row.Length && !string.IsNullOrWhiteSpace(row[column])).Select(row => row[column].Trim())
            .Where(value => !NullMarkers.Contains(value) || value.EndsWith("://", StringComparison.Ordinal)),
    ];

    private sealed class Columns(
        RecordType type, IReadOnlyList<string> headers, IReadOnlyList<string>[] samples, bool hasRows, Func<int, bool> isBlank)
    {
        private readonly HeaderReading _headers = new(type);
        private readonly SuggestedColumn[] _suggested = [.. headers.Select(header => new SuggestedColumn(header, null, 0))];
        private readonly HashSet<string> _taken = [];
        private readonly HashSet<string> _joined = [.. headers.Select(HeaderWords.Join)];

        public SuggestedColumn[] Choose()
        {
            List<Candidate> candidates = [];
            for (var column = 0; column < headers.Count; column++)
            {
                candidates.AddRange(Meanings(column).Select(meaning => new Candidate(column, meaning, isBlank(column))));
            }

            // A column for the first name that is blank throughout leaves the whole name to be taken.
            var names = candidates.Where(candidate => candidate.Meaning.Field == ColumnNames.FullName).ToList();
            candidates.RemoveAll(candidate => candidate.Meaning.Field == ColumnNames.FullName);
            TakeAll(candidates.Where(candidate => !AddressColumns.Has(candidate.Meaning.Field)));
            var addresses = candidates.Where(
                candidate => AddressColumns.Has(candidate.Meaning.Field) && _suggested[candidate.Column].Field is null);
            TakeAll(AddressColumns.Choose([.. addresses]));
            TakeName(names);
            for (var column = 0; column < headers.Count; column++) TakeByValues(column);
            return _suggested;
        }

        private IEnumerable<HeaderMeaning> Meanings(int column)
        {
            var name = HeaderWords.Join(headers[column]);
            if (name == RecordType.Id.Key && samples[column].Count > 0 && samples[column].All(SampleKinds.IsId))
            {
                return [new HeaderMeaning(RecordType.Id.Key, ByName, 0, "", false)];
            }

            return _headers.Read(headers[column]).Where(meaning => !IsRefuted(column, name, meaning));
        }

        private bool IsRefuted(int column, string name, HeaderMeaning meaning)
        {
            var values = samples[column];
            if (SampleKinds.AreJson(values)) return true;
            if (meaning.IsDoubtful && values.Count == 0) return true;
            if (meaning.Field == ColumnNames.FullName) return SampleKinds.AreNoNames(values);
            var field = type.Find(meaning.Field)!;
            // The ids of another system are not ours, whatever the column's name is; and ours are not those of another system.
            if (field.Kind == FieldKind.Reference) return !values.All(SampleKinds.IsId);
            if (field.Key == "external_id" && name is "id" or "recordid")
            {
                return values.Count == 0 ? name == "id" && hasRows : values.All(SampleKinds.IsId);
            }

            return (headers[column] != field.Key && ColumnNames.IsRefutedBeside(field.Key, _joined))
                || SampleKinds.Refute(field, values)
                || IsOfAnotherKind(column)
                || (field.Kind == FieldKind.Url && ColumnNames.ProfileNames.Contains(name) && type.Find("linkedin_url") is not null
                    && SampleKinds.AreProfiles(values));
        }

        // Phone 1 - Value beside Phone 1 - Type, whose values are all Work Fax.
        private bool IsOfAnotherKind(int column)
        {
            var words = HeaderWords.Of(headers[column]);
            if (words.Count < 2 || words[^1] != "value") return false;
            for (var other = 0; other < headers.Count; other++)
            {
                var kind = HeaderWords.Of(headers[other]);
                if (kind.Count != words.Count || kind[^1] is not ("type" or "label") || !kind.SkipLast(1).SequenceEqual(words.SkipLast(1)))
                {
                    continue;
                }

                return samples[other].Count > 0 && samples[other].All(HeaderReading.IsRefused);
            }

            return false;
        }

        private void TakeAll(IEnumerable<Candidate> candidates)
        {
            foreach (var candidate in candidates
                .OrderBy(candidate => candidate.IsBlank)
                .ThenBy(candidate => candidate.Meaning.Rank)
                .ThenByDescending(candidate => candidate.Meaning.Confidence)
                .ThenBy(candidate => candidate.Column))
            {
                Take(candidate.Column, candidate.Meaning.Field, candidate.Meaning.Confidence);
            }
        }

        private void Take(int column, string field, double confidence)
        {
            if (_suggested[column].Field is null && _taken.Add(field)) _suggested[column] = new(headers[column], field, confidence);
        }

        private void TakeName(List<Candidate> names)
        {
            if (names.Count == 0) return;
            var best = names.OrderBy(name => name.IsBlank).ThenBy(name => name.Meaning.Rank).ThenBy(name => name.Column).First();
            var (first, last) = (ColumnOf("first_name"), ColumnOf("last_name"));
            if (first is { } column && isBlank(column) && !best.IsBlank)
            {
                _suggested[column] = new(headers[column], null, 0);
                _taken.Remove("first_name");
                first = null;
            }

            var joined = HeaderWords.Join(headers[best.Column]);
            if (first is { } given)
            {
                if (last is null && ColumnNames.SurnameBesideFirstName.Contains(joined)
                    && ColumnNames.FirstNameOfSurnameLists.Contains(HeaderWords.Join(headers[given])))
                {
                    Take(best.Column, "last_name", ByOtherName);
                }
            }
            else if (last is not { } family || !Repeats(best.Column, family))
            {
                Take(best.Column, "first_name", best.Meaning.Confidence);
            }
        }

        // The whole name beside the surname is no first name.
        private bool Repeats(int name, int surname) =>
            samples[name].Count > 0 && samples[surname].Count > 0
            && samples[name].Any(value => samples[surname].Any(part => value.EndsWith(part, StringComparison.OrdinalIgnoreCase)));

        private int? ColumnOf(string field) =>
            Array.FindIndex(_suggested, column => column.Field == field) is >= 0 and var column ? column : null;

        private void TakeByValues(int column)
        {
            if (_suggested[column].Field is not null || HeaderReading.IsRefused(headers[column])) return;
            var words = HeaderWords.Of(headers[column]);
            var name = string.Concat(words);
            var isProfile = ColumnNames.ProfileNames.Contains(name) && SampleKinds.AreProfiles(samples[column]);
            if (isProfile && type.Find("linkedin_url") is not null)
            {
                Take(column, "linkedin_url", ByOtherName);
            }
            else if (words.All(word => HeaderWords.IsNumber(word) || word.Length == 1 || ColumnNames.Placeholders.Contains(word))
                && SampleKinds.Guess(type, samples[column]) is { } field)
            {
                Take(column, field.Key, ByValues);
            }
        }
    }
}
