using System.Text.Json;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Imports;

/// <summary>
/// Checks a confirmation against the file's columns and the type's fields, and fills in what it leaves out: as the preview suggested it,
/// or else by default.
/// </summary>
internal static class ColumnMappingRules
{
    /// <summary>How many columns a message names.</summary>
    private const int MostNamed = 10;

    /// <param name="type">The record type.</param>
    /// <param name="headers">The file's columns.</param>
    /// <param name="request">The confirmation.</param>
    /// <param name="suggestion">What the preview suggested; null for an upload that an earlier version completed.</param>
    /// <param name="phoneCountry">The account's country, which counts where the confirmation gives none.</param>
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static ImportSpec Resolve(
        RecordType type, IReadOnlyList<string> headers, ImportsConfirm.Request request, FileSuggestion? suggestion, string? phoneCountry)
    {
        List<Fault> faults = [];
        var mapping = CheckColumns(type, headers, request.ColumnMapping ?? RequireSuggested(suggestion), faults);
        var columnsAreSound = faults.Count == 0;
        CheckConstants(type, mapping, request.Constants ?? [], faults);
        var matchOn = ResolveMatch(type, mapping, request.MatchOn, faults);
        var spec = new ImportSpec
        {
            ColumnMapping = mapping,
            Constants = request.Constants ?? [],
            DuplicateStrategy = request.DuplicateStrategy ?? default,
            MatchOn = matchOn,
            Mode = request.Mode ?? default,
            BlankCells = request.BlankCells ?? default,
            TagDelimiter = request.TagDelimiter ?? ",",
            AddTags = TagSet.Read(request.AddTags ?? [], out _).Names,
            DateFormat = request.DateFormat ?? suggestion?.DateFormat ?? default,
            DecimalComma = request.DecimalComma ?? suggestion?.DecimalComma ?? false,
            TwoDigitYears = request.TwoDigitYears,
            PhoneCountry = request.PhoneCountry is { } country ? (country.Length == 0 ? null : country.ToUpperInvariant()) : phoneCountry,
            NullValues = [.. (request.NullValues ?? []).Distinct().Order(StringComparer.Ordinal)],
            LinkCompanies = request.LinkCompanies ?? default,
            KeepChanges = request.KeepChanges ?? true,
            DryRun = request.DryRun ?? false,
        };
        // It is not known which field a faulty column was meant for.
        if (columnsAreSound) CheckRequired(type, spec, faults);
        if (columnsAreSound && spec.LinkCompanies != LinkCompanies.None) CheckCompanies(type, spec, faults);
        return faults.Count == 0 ? spec : throw ApiException.Validation(faults);
    }

    private static Dictionary<string, string?> RequireSuggested(FileSuggestion? suggestion)
    {
        if (suggestion is null or { ColumnMapping.Count: 0 })
            throw ApiException.Validation("column_mapping", "required", "Missing: no column of the file suggests a field.");
        if (suggestion.DoubtfulColumns is { Count: > 0 } doubtful)
        {
            var columns = doubtful.Take(MostNamed)
                .Select(column => $"{Found.Describe(column)} ({suggestion.ColumnMapping[column]})");
            throw ApiException.Validation(
                "column_mapping",
                "required",
                $"Missing: the suggested mapping can be left out only if it is certain, and it is not for {string.Join(", ", columns)}.");
        }

        return suggestion.ColumnMapping.ToDictionary(pair => pair.Key, pair => (string?)pair.Value);
    }

    private static SortedDictionary<string, string> CheckColumns(
        RecordType type, IReadOnlyList<string> headers, Dictionary<string, string?> given, List<Fault> faults)
    {
        string[] accepted = [.. MappableFields.Of(type).Select(field => field.Key)];
        var joinable = accepted.Where(key => MayBeJoined(type, type.Find(key)!)).ToHashSet(StringComparer.Ordinal);
        SortedDictionary<string, string> mapping = new(StringComparer.Ordinal);
        var columns = headers.ToHashSet(StringComparer.Ordinal);
        var expected = $"a field of {type.Key}";
        foreach (var (column, field) in given)
        {
            if (faults.Count >= ApiException.MaxDetails) break;
            var path = $"column_mapping.{(column.Length > 200 ? column[..200] : column)}";
            void Refuse(string code, string message, IReadOnlyList<string>? names = null) =>
                faults.Add(new Fault(path, code, message, names));

            if (!columns.Contains(column)) Refuse("unknown_column", "The file has no such column.", faults.Count == 0 ? headers : null);
            else if (field is null) continue;
            else if (mapping.ContainsValue(field) && !joinable.Contains(field))
                Refuse("duplicate_field", $"Another column is mapped to {field} already. Only text fields take several columns.");
            else if (!accepted.Contains(field)) Refuse("unknown_field", $"Found {Found.Describe(field)}, expected {expected}.", accepted);
            else mapping[column] = field;
        }

        if (mapping.Count == 0 && faults.Count == 0)
        {
            faults.Add(new Fault("column_mapping", "required", "Found no mapped column, expected at least one.", accepted));
        }

        return mapping;
    }

    // The values of several columns become one text.
    private static bool MayBeJoined(RecordType type, Field field) =>
        field is { Kind: FieldKind.Text, Unique: false } && !type.MatchFields.Contains(field.Key);

    private static void CheckConstants(
        RecordType type, SortedDictionary<string, string> mapping, Dictionary<string, JsonElement> constants, List<Fault> faults)
    {
        var mapped = constants.Keys.Where(mapping.ContainsValue).Select(key =>
            new Fault($"constants.{key}", "conflict", $"A column is mapped to {key}: leave out the constant, or the column."));
        var found = Constants.Check(type, constants).Concat(mapped).DistinctBy(fault => fault.Path);
        faults.AddRange(found.Take(ApiException.MaxDetails - faults.Count));
    }

    private static HashSet<string> FilledFields(ImportSpec spec) =>
        spec.ColumnMapping.Values.Concat(spec.Constants.Keys).ToHashSet(StringComparer.Ordinal);

    private static string? ResolveMatch(RecordType type, SortedDictionary<string, string> mapping, string? given, List<Fault> faults)
    {
        var mapped = type.MatchFields.Where(mapping.ContainsValue).ToList();
        var match = given ?? mapped.FirstOrDefault();
        if (given is not null && !type.MatchFields.Contains(given))
        {
            var message = $"Found {Found.Describe(given)}, expected a match field of {type.Key}.";
            faults.Add(new Fault("match_on", "invalid_choice", message, type.MatchFields));
        }
        else if (given is not null && !mapped.Contains(given))
        {
            faults.Add(new Fault("match_on", "not_mapped", $"No column is mapped to {given}.", mapped));
        }

        if (mapping.ContainsValue(RecordType.Id.Key) && match != RecordType.Id.Key)
        {
            const string Message = "A column is mapped to id, which is only for matching: set match_on to id, or leave the column out.";
            faults.Add(new Fault("match_on", "conflict", Message, ["id"]));
        }

        return match;
    }

    private static void CheckRequired(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        var creates = spec.Mode != ImportMode.UpdateOnly && spec.MatchOn != RecordType.Id.Key;
        var overwrites = spec.DuplicateStrategy == DuplicateStrategy.Overwrite && spec.Mode != ImportMode.CreateOnly;
        if (!creates && !overwrites) return;
        var mapped = FilledFields(spec);
        foreach (var field in type.Fields.Where(field => field is { Required: true, IsReadOnly: false } && !mapped.Contains(field.Key)))
        {
            var message = $"Records would be created or overwritten, so {field.Key} must be mapped.";
            faults.Add(new Fault("column_mapping", "required", message, [field.Key]));
        }

        if (creates && type.AnyOf.Count > 0 && !mapped.Overlaps(type.AnyOf))
        {
            var message = $"Records would be created, so one of {string.Join(", ", type.AnyOf)} must be mapped.";
            faults.Add(new Fault("column_mapping", "required", message, type.AnyOf));
        }
    }

    private static void CheckCompanies(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        var mapped = FilledFields(spec);
        string[] needed = spec.LinkCompanies == LinkCompanies.Create ? ["company_name"] : ["company_name", "website", "email"];
        if (type.Key != RecordTypes.Contacts.Key)
        {
            var message = $"Only contacts are linked with companies; these are {type.Key}.";
            faults.Add(new Fault("link_companies", "conflict", message, ["none"]));
        }
        else if (mapped.Contains("company_id"))
        {
            const string Message = "A column is mapped to company_id, which says already what contacts are linked with: "
                + "leave the column out, or do not link.";
            faults.Add(new Fault("link_companies", "conflict", Message, ["none"]));
        }
        else if (!mapped.Overlaps(needed))
        {
            var names = $"{(needed.Length > 1 ? "one of " : "")}{string.Join(", ", needed)}";
            var message = $"No mapped column tells a company: {names} must be mapped.";
            faults.Add(new Fault("link_companies", "not_mapped", message, needed));
        }
    }
}
