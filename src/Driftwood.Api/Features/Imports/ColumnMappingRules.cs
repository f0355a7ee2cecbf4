using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Imports;

/// <summary>Checks a confirmation against the file's columns and the type's fields, and fills in its defaults.</summary>
internal static class ColumnMappingRules
{
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static ImportSpec Resolve(RecordType type, IReadOnlyList<string> headers, ImportsConfirm.Request request)
    {
        List<Fault> faults = [];
        var mapping = CheckColumns(type, headers, request.ColumnMapping, faults);
        var columnsAreSound = faults.Count == 0;
        var matchOn = ResolveMatch(type, mapping, request.MatchOn, faults);
        var spec = new ImportSpec
        {
            ColumnMapping = mapping,
            DuplicateStrategy = Parse<DuplicateStrategy>(request.DuplicateStrategy),
            MatchOn = matchOn,
            Mode = Parse<ImportMode>(request.Mode),
            BlankCells = Parse<BlankCells>(request.BlankCells),
            TagDelimiter = request.TagDelimiter ?? ",",
            AddTags = TagSet.Read(request.AddTags ?? [], out _).Names,
            DateFormat = Parse<DateFormat>(request.DateFormat),
            DecimalComma = request.DecimalComma ?? false,
            LinkCompanies = Parse<LinkCompanies>(request.LinkCompanies),
            DryRun = request.DryRun ?? false,
        };
        // What a column at fault was meant for, nobody knows.
        if (columnsAreSound) CheckRequired(type, spec, faults);
        if (columnsAreSound && spec.LinkCompanies != LinkCompanies.None) CheckCompanies(type, spec, faults);
        return faults.Count == 0 ? spec : throw ApiException.Validation(faults);
    }

    private static SortedDictionary<string, string> CheckColumns(
        RecordType type, IReadOnlyList<string> headers, Dictionary<string, string?> given, List<Fault> faults)
    {
        string[] accepted = [.. ImportsCompleteUpload.MappableFields(type).Select(field => field.Key)];
        SortedDictionary<string, string> mapping = new(StringComparer.Ordinal);
        var columns = headers.ToHashSet(StringComparer.Ordinal);
        foreach (var (column, field) in given)
        {
            if (faults.Count >= ApiException.MaxDetails) break;
            var path = $"column_mapping.{(column.Length > 200 ? column[..200] : column)}";
            if (!columns.Contains(column)) faults.Add(new Fault(path, "unknown_column", "The file has no such column.", faults.Count == 0 ? headers : null));
            else if (field is null) continue;
            else if (!accepted.Contains(field)) faults.Add(new Fault(path, "unknown_field", $"Found {Found.Describe(field)}, expected a field of {type.Key}.", accepted));
            else if (mapping.ContainsValue(field)) faults.Add(new Fault(path, "duplicate_field", $"Another column is mapped to {field} already."));
            else mapping[column] = field;
        }

        if (mapping.Count == 0 && faults.Count == 0) faults.Add(new Fault("column_mapping", "required", "Found no mapped column, expected one at least.", accepted));
        return mapping;
    }

    private static string? ResolveMatch(RecordType type, SortedDictionary<string, string> mapping, string? given, List<Fault> faults)
    {
        var mapped = type.MatchFields.Where(mapping.ContainsValue).ToList();
        var match = given ?? mapped.FirstOrDefault();
        if (given is not null && !type.MatchFields.Contains(given))
        {
            faults.Add(new Fault("match_on", "invalid_choice", $"Found {Found.Describe(given)}, expected a match field of {type.Key}.", type.MatchFields));
        }
        else if (given is not null && !mapped.Contains(given))
        {
            faults.Add(new Fault("match_on", "not_mapped", $"No column is mapped to {given}.", mapped));
        }

        if (mapping.ContainsValue(RecordType.Id.Key) && match != RecordType.Id.Key)
        {
            faults.Add(new Fault("match_on", "conflict", "A column is mapped to id, which is only for matching: set match_on to id, or leave the column out.", ["id"]));
        }

        return match;
    }

    private static void CheckRequired(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        var creates = spec.Mode != ImportMode.UpdateOnly && spec.MatchOn != RecordType.Id.Key;
        var overwrites = spec.DuplicateStrategy == DuplicateStrategy.Overwrite && spec.Mode != ImportMode.CreateOnly;
        if (!creates && !overwrites) return;
        foreach (var field in type.Fields.Where(field => field is { Required: true, IsReadOnly: false } && !spec.ColumnMapping.Values.Contains(field.Key)))
        {
            faults.Add(new Fault("column_mapping", "required", $"Records would be created or overwritten, so {field.Key} must be mapped.", [field.Key]));
        }

        if (creates && type.AnyOf.Count > 0 && !type.AnyOf.Any(spec.ColumnMapping.Values.Contains))
        {
            faults.Add(new Fault("column_mapping", "required", $"Records would be created, so one of {string.Join(", ", type.AnyOf)} must be mapped.", type.AnyOf));
        }
    }

    private static void CheckCompanies(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        var mapped = spec.ColumnMapping.Values.ToHashSet(StringComparer.Ordinal);
        string[] needed = spec.LinkCompanies == LinkCompanies.Create ? ["company_name"] : ["company_name", "website", "email"];
        if (type.Key != RecordTypes.Contacts.Key)
        {
            faults.Add(new Fault("link_companies", "conflict", $"Only contacts are linked with companies; these are {type.Key}.", ["none"]));
        }
        else if (mapped.Contains("company_id"))
        {
            faults.Add(new Fault("link_companies", "conflict", "A column is mapped to company_id, which says already what contacts are linked with: leave the column out, or do not link.", ["none"]));
        }
        else if (!mapped.Overlaps(needed))
        {
            faults.Add(new Fault("link_companies", "not_mapped", $"No mapped column tells a company: {(needed.Length > 1 ? "one of " : "")}{string.Join(", ", needed)} must be mapped.", needed));
        }
    }

    // The wire's word, which the validator let through.
    private static TEnum Parse<TEnum>(string? word)
        where TEnum : struct, Enum => word is null ? default : JsonSerializer.SerializeToElement(word).Deserialize<TEnum>(WireJson.Options);
}
