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
    private const int MaxNamed = 10;

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
        var targets = CheckColumns(type, headers, request.ColumnMapping ?? RequireSuggested(suggestion), faults);
        SortedDictionary<string, string> mapping = new(StringComparer.Ordinal);
        foreach (var (column, target) in targets) mapping[column] = target.Field!;
        var columnsAreSound = faults.Count == 0;
        var computed = CheckComputed(type, headers, mapping, request.ComputedFields ?? [], faults);
        HashSet<string> inFile = [.. mapping.Values, .. computed.Keys];
        CheckConstants(type, inFile, request.Constants ?? [], faults);
        var matchOn = ResolveMatch(type, inFile, request.MatchOn, faults);
        CheckMatchPolicy(targets, computed, matchOn, faults);
        CheckSettings(type, headers, targets, computed, matchOn, faults);
        var spec = new ImportSpec
        {
            ColumnMapping = mapping,
            ColumnPolicies = targets.Where(pair => pair.Value.Policy != ColumnPolicy.Overwrite)
                .ToDictionary(pair => pair.Key, pair => pair.Value.Policy),
            ColumnSettings = targets.Where(pair => pair.Value.Settings is not null)
                .ToDictionary(pair => pair.Key, pair => pair.Value.Settings!.Value),
            ComputedFields = computed.Keys.ToDictionary(key => key, key => request.ComputedFields![key]),
            Constants = request.Constants ?? [],
            DuplicateStrategy = request.DuplicateStrategy ?? default,
            MatchOn = matchOn.Count > 0 ? matchOn[0] : null,
            AlsoMatchOn = [.. matchOn.Skip(1)],
            Mode = request.Mode ?? default,
            BlankCells = request.BlankCells ?? default,
            TagDelimiter = request.TagDelimiter ?? ",",
            AddTags = TagSet.Read(request.AddTags ?? [], out _).Names,
            DateFormat = request.DateFormat ?? suggestion?.DateFormat ?? default,
            DecimalComma = request.DecimalComma ?? suggestion?.DecimalComma ?? false,
            TwoDigitYears = request.TwoDigitYears,
            PhoneCountry = request.PhoneCountry is { } country ? (country.Length == 0 ? null : country.ToUpperInvariant()) : phoneCountry,
            NullValues = [.. (request.NullValues ?? []).Distinct().Order(StringComparer.Ordinal)],
            LinkCompanies = request.LinkCompanies ?? ImpliedLink([.. inFile.Concat(request.Constants?.Keys.AsEnumerable() ?? [])]),
            KeepChanges = request.KeepChanges ?? true,
            DryRun = request.DryRun ?? false,
        };
        // It is not known which field a faulty column was meant for.
        if (columnsAreSound) CheckWhole(type, spec, targets, faults);
        return faults.Count == 0 ? spec : throw ApiException.Validation(faults);
    }

    private static void CheckWhole(
        RecordType type, ImportSpec spec, SortedDictionary<string, ColumnTarget> targets, List<Fault> faults)
    {
        CheckRequired(type, spec, faults);
        CheckNeeded(type, spec, faults);
        CheckCompanies(type, spec, targets, faults);
    }

    private static Dictionary<string, JsonElement> RequireSuggested(FileSuggestion? suggestion)
    {
        if (suggestion is null or { ColumnMapping.Count: 0 })
            throw ApiException.Validation("column_mapping", "required", "Missing: no column of the file suggests a field.");
        if (suggestion.DoubtfulColumns is { Count: > 0 } doubtful)
        {
            var columns = doubtful.Take(MaxNamed)
                .Select(column => $"{Found.Describe(column)} ({suggestion.ColumnMapping[column]})");
            throw ApiException.Validation(
                "column_mapping",
                "required",
                $"Missing: the suggested mapping can be left out only if it is certain, and it is not for {string.Join(", ", columns)}.");
        }

        return suggestion.ColumnMapping.ToDictionary(pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value));
    }

    private static SortedDictionary<string, ColumnTarget> CheckColumns(
        RecordType type, IReadOnlyList<string> headers, Dictionary<string, JsonElement> given, List<Fault> faults)
    {
        string[] accepted = [.. MappableFields.Of(type).Select(field => field.Key)];
        SortedDictionary<string, ColumnTarget> mapping = new(StringComparer.Ordinal);
        var columns = headers.ToHashSet(StringComparer.Ordinal);
        foreach (var (column, element) in given)
        {
            if (faults.Count >= ApiException.MaxDetails) break;
            var path = PathOf(column);
            if (!columns.Contains(column))
            {
                faults.Add(new Fault(path, "unknown_column", "The file has no such column.", faults.Count == 0 ? headers : null));
                continue;
            }

            var target = ColumnTarget.Read(element, out var fault);
            fault ??= FaultOf(type, target, mapping, accepted);
            if (fault is not null) faults.Add(fault with { Path = fault.Path.Length > 0 ? $"{path}.{fault.Path}" : path });
            else if (target.Field is not null) mapping[column] = target;
        }

        if (mapping.Count == 0 && faults.Count == 0)
        {
            faults.Add(new Fault("column_mapping", "required", "Found no mapped column, expected at least one.", accepted));
        }

        return mapping;
    }

    private static Fault? FaultOf(
        RecordType type, ColumnTarget target, SortedDictionary<string, ColumnTarget> mapping, string[] accepted)
    {
        if (target.Field is not { } key) return null;
        var others = mapping.Values.Where(each => each.Field == key).ToList();
        if (!accepted.Contains(key))
            return new Fault("", "unknown_field", $"Found {Found.Describe(key)}, expected a field of {type.Key}.", accepted);
        var field = type.FindMappable(key)!;
        if (others.Count > 0 && !MayBeJoined(type, field))
            return new Fault("", "duplicate_field", $"Another column is mapped to {key} already. Only text fields take several columns.");
        if (others.Exists(each => each.Policy != target.Policy))
            return new Fault("policy", "conflict", $"Another column that is mapped to {key} has another policy.");
        return PolicyFault(field, target.Policy);
    }

    private static Fault? PolicyFault(Field field, ColumnPolicy policy) => field == RecordType.CreatedAt && policy == ColumnPolicy.FillBlank
        ? new Fault("policy", "conflict", $"Only new records get {field.Key} from a file.", ["create_only"])
        : policy != ColumnPolicy.Overwrite && (field.Unique || field.IsTags || field.Kind == FieldKind.Id)
            ? new Fault("policy", "conflict", $"A column that is mapped to {field.Key} has no policy: the strategy decides.", ["overwrite"])
            : policy != ColumnPolicy.Overwrite && field.OfCompany is { MatchKey: not null }
                ? new Fault("policy", "conflict", $"{field.Key} tells the company, and never changes it.", ["overwrite"])
                : null;

    private static Dictionary<string, ComputedField> CheckComputed(
        RecordType type, IReadOnlyList<string> headers, SortedDictionary<string, string> mapping,
        Dictionary<string, JsonElement> given, List<Fault> faults)
    {
        string[] accepted = [.. MappableFields.Of(type).Select(field => field.Key)];
        Dictionary<string, ComputedField> computed = [];
        foreach (var (key, element) in given)
        {
            if (faults.Count >= ApiException.MaxDetails) break;
            var field = ComputedField.Read(element, out var fault);
            if (!accepted.Contains(key))
                fault = new Fault("", "unknown_field", $"Found {Found.Describe(key)}, expected a field of {type.Key}.", accepted);
            else if (mapping.ContainsValue(key))
                fault = new Fault("", "duplicate_field", $"A column is mapped to {key} already.");
            else if (field is not null && !headers.Contains(field.Column))
                fault = new Fault("column", "unknown_column", "The file has no such column.", headers);
            else if (field is not null) fault = PolicyFault(type.FindMappable(key)!, field.Policy);
            if (fault is null) computed[key] = field!;
            else faults.Add(fault with { Path = PathOfComputed(key, fault.Path) });
        }

        return computed;
    }

    private static void CheckSettings(
        RecordType type, IReadOnlyList<string> headers, SortedDictionary<string, ColumnTarget> targets,
        Dictionary<string, ComputedField> computed, IReadOnlyList<string> match, List<Fault> faults)
    {
        var columns = targets.Select(pair => (Path: PathOf(pair.Key), pair.Value.Field, pair.Value.Settings));
        var fields = computed.Select(pair => (Path: PathOfComputed(pair.Key, ""), Field: (string?)pair.Key, pair.Value.Settings));
        foreach (var (path, field, settings) in columns.Concat(fields).Where(each => each.Settings is not null))
        {
            var found = CellSettings.Check(type, type.FindMappable(field!)!, match.Contains(field), headers, settings!.Value);
            var room = Math.Max(0, ApiException.MaxDetails - faults.Count);
            faults.AddRange(found.Take(room).Select(fault => fault with { Path = $"{path}.{fault.Path}" }));
        }
    }

    private static string PathOfComputed(string key, string path) =>
        $"{ColumnPath.Of("computed_fields", key)}{(path.Length > 0 ? "." + path : "")}";

    // The values of several columns become one text.
    private static bool MayBeJoined(RecordType type, Field field) =>
        field is { Kind: FieldKind.Text, Unique: false, MatchKey: null } && !type.MatchFields.Contains(field.Key);

    private static void CheckConstants(
        RecordType type, HashSet<string> inFile, Dictionary<string, JsonElement> constants, List<Fault> faults)
    {
        var mapped = constants.Keys.Where(inFile.Contains).Select(key =>
            new Fault($"constants.{key}", "conflict", $"A column is mapped to {key}: leave out the constant, or the column."));
        var found = Constants.Check(type, constants).Concat(mapped).DistinctBy(fault => fault.Path);
        faults.AddRange(found.Take(ApiException.MaxDetails - faults.Count));
    }

    private static void CheckMatchPolicy(
        SortedDictionary<string, ColumnTarget> targets, Dictionary<string, ComputedField> computed, IReadOnlyList<string> match,
        List<Fault> faults)
    {
        var columns = targets.Where(pair => match.Contains(pair.Value.Field) && pair.Value.Policy != ColumnPolicy.Overwrite)
            .Select(pair => (Path: $"{PathOf(pair.Key)}.policy", Key: pair.Value.Field!));
        var fields = computed.Where(pair => match.Contains(pair.Key) && pair.Value.Policy != ColumnPolicy.Overwrite)
            .Select(pair => (Path: PathOfComputed(pair.Key, "policy"), pair.Key));
        faults.AddRange(columns.Concat(fields).Select(each =>
            new Fault(each.Path, "conflict", $"Rows are matched on {each.Key}, so its column has no policy.", ["overwrite"])));
    }

    private static string PathOf(string column) => ColumnPath.Of("column_mapping", column);

    // None: every row creates a record.
    private static List<string> ResolveMatch(RecordType type, HashSet<string> inFile, JsonElement? given, List<Fault> faults)
    {
        var mapped = type.MatchFields.Where(inFile.Contains).ToList();
        var keys = given is null or { ValueKind: JsonValueKind.Null } ? mapped.Take(1).ToList() : ReadMatch(given.Value, faults);
        foreach (var (n, key) in keys.Index())
        {
            var path = given is { ValueKind: JsonValueKind.Array } ? $"match_on[{n}]" : "match_on";
            if (!type.MatchFields.Contains(key))
            {
                var message = $"Found {Found.Describe(key)}, expected a match field of {type.Key}.";
                faults.Add(new Fault(path, "invalid_choice", message, type.MatchFields));
            }
            else if (!inFile.Contains(key)) faults.Add(new Fault(path, "not_mapped", $"No column is mapped to {key}.", mapped));
            else if (keys.Take(n).Contains(key)) faults.Add(new Fault(path, "duplicate_field", "The field stands in the list already."));
        }

        if (inFile.Contains(RecordType.Id.Key) && (keys.Count != 1 || keys[0] != RecordType.Id.Key))
        {
            const string Message = "A column is mapped to id, which is only for matching: set match_on to id, or leave the column out.";
            faults.Add(new Fault("match_on", "conflict", Message, ["id"]));
        }

        return keys;
    }

    private static List<string> ReadMatch(JsonElement given, List<Fault> faults)
    {
        JsonElement[] keys = given.ValueKind == JsonValueKind.Array ? [.. given.EnumerateArray()] : [given];
        if (keys.Length > 0 && keys.All(key => key.ValueKind == JsonValueKind.String)) return [.. keys.Select(key => key.GetString()!)];
        faults.Add(new Fault("match_on", "wrong_type", $"Found {Found.Describe(given)}, expected a field, or a list of fields."));
        return [];
    }

    private static void CheckRequired(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        var creates = spec.Mode != ImportMode.UpdateOnly && spec.MatchOn != RecordType.Id.Key;
        var overwrites = spec.DuplicateStrategy == DuplicateStrategy.Overwrite && spec.Mode != ImportMode.CreateOnly;
        if (!creates && !overwrites) return;
        var mapped = spec.FilledFields().ToHashSet(StringComparer.Ordinal);
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

    // Whether a record keeps one of these fields must not depend on what earlier rows left in it: a dry run does not know that.
    private static void CheckNeeded(RecordType type, ImportSpec spec, List<Fault> faults)
    {
        if (!spec.MayClearNeeded(type)) return;
        var columns = spec.ColumnPolicies.Keys.Where(column => type.AnyOf.Contains(spec.ColumnMapping[column]))
            .Select(column => $"{PathOf(column)}.policy");
        var computed = spec.ComputedFields.Where(pair => type.AnyOf.Contains(pair.Key) && HasPolicy(pair.Value))
            .Select(pair => PathOfComputed(pair.Key, "policy"));
        var constants = Constants.WithPolicy(type, spec.Constants).Where(type.AnyOf.Contains).Select(key => $"constants.{key}.policy");
        var message = $"Blank cells clear fields, and a record needs one of {string.Join(", ", type.AnyOf)}. None of these has a policy "
            + "then, unless rows are matched on one of them.";
        faults.AddRange(columns.Concat(computed).Concat(constants).Select(path => new Fault(path, "conflict", message, ["overwrite"])));
    }

    private static bool HasPolicy(JsonElement computed) =>
        ComputedField.Read(computed, out _) is { Policy: not ColumnPolicy.Overwrite };

    // A file that fills fields of companies has companies to link.
    private static LinkCompanies ImpliedLink(IReadOnlyCollection<string> filled) =>
        !filled.Any(IsOfCompany) ? LinkCompanies.None
            : filled.Intersect(TellingFields.Names).Any() ? LinkCompanies.Create : LinkCompanies.Existing;

    private static bool IsOfCompany(string key) => key.StartsWith(RecordType.CompanyPrefix, StringComparison.Ordinal);

    private static void CheckCompanies(
        RecordType type, ImportSpec spec, SortedDictionary<string, ColumnTarget> targets, List<Fault> faults)
    {
        if (spec.LinkCompanies == LinkCompanies.None)
        {
            if (spec.FilledFields().FirstOrDefault(IsOfCompany) is not { } filled) return;
            var reason = $"Contacts that fill {filled} are linked with companies.";
            faults.Add(new Fault("link_companies", "conflict", reason, ["existing", "create"]));
            return;
        }

        foreach (var (column, target) in targets)
        {
            if (target.Settings?.TryGetProperty("default_on_create", out _) != true) continue;
            if (!TellingFields.All.Contains(target.Field)) continue;
            var reason = $"{target.Field} tells the company of a row, before it is known whether the row creates a record: use default.";
            faults.Add(new Fault($"{PathOf(column)}.default_on_create", "conflict", reason));
        }

        var mapped = spec.FilledFields().ToHashSet(StringComparer.Ordinal);
        var needed = spec.LinkCompanies == LinkCompanies.Create ? TellingFields.Names : TellingFields.All;
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
            var message = $"No mapped column tells a company: one of {string.Join(", ", needed)} must be mapped.";
            faults.Add(new Fault("link_companies", "not_mapped", message, needed));
        }
    }
}
