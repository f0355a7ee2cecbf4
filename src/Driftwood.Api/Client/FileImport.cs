using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Client;

/// <summary>The file and the settings of an import.</summary>
/// <param name="File">The file.</param>
/// <param name="RecordType">The type of its rows; null if a profile tells it.</param>
internal sealed record FileImport(FileInfo File, string? RecordType)
{
    private const string MappingMember = "column_mapping";
    private const string ConstantsMember = "constants";
    private const string ComputedMember = "computed_fields";

    /// <summary>Members of imports-confirm. What they leave out is left to the service.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Column → field over the suggested ones; an empty field leaves the column out.</summary>
    public IReadOnlyDictionary<string, string> Mapping { get; init; } = new Dictionary<string, string>();

    /// <summary>Field → which records get its value.</summary>
    public IReadOnlyDictionary<string, string> Policies { get; init; } = new Dictionary<string, string>();

    /// <summary>Field → the value that every row has.</summary>
    public IReadOnlyDictionary<string, string> Constants { get; init; } = new Dictionary<string, string>();

    /// <summary>The name or the id of a profile.</summary>
    public string? Profile { get; init; }

    /// <summary>Whether no record is written.</summary>
    public bool DryRun { get; init; }

    /// <summary>How the file is read.</summary>
    public FileForm? Form { get; init; }

    /// <summary>Whether the receipt and the manifest are written beside the file.</summary>
    public bool KeepsReceipt { get; init; }

    /// <summary>The request of imports-confirm.</summary>
    /// <exception cref="CommandFailure">A policy is given for a field that has no column and no constant.</exception>
    public JsonObject Confirm(Guid id, FilePreview preview, ProfileState? profile)
    {
        var confirmation = Settings.DeepClone().AsObject();
        confirmation["id"] = id;
        confirmation["dry_run"] = DryRun;
        if (profile is null) confirmation[MappingMember] = Map(preview);
        else confirmation["profile_id"] = profile.Id;
        foreach (var (field, value) in Constants) MembersOf(confirmation, ConstantsMember)[field] = ConstantOf(preview, field, value);
        foreach (var (field, policy) in Policies) SetPolicy(confirmation, field, policy);
        return confirmation;
    }

    /// <summary>Column → what it is mapped to, for people.</summary>
    public static IReadOnlyDictionary<string, string> Shown(JsonObject confirmation, FilePreview preview, ProfileState? profile)
    {
        var targets = confirmation[MappingMember] as JsonObject;
        Dictionary<string, string> shown = [];
        foreach (var header in preview.Headers)
        {
            var own = profile?.ColumnMapping.FirstOrDefault(
                column => column.Key.Trim().Equals(header.Trim(), StringComparison.OrdinalIgnoreCase)).Value;
            var target = targets is not null ? targets[header]
                : own is { ValueKind: not JsonValueKind.Undefined } given ? JsonSerializer.SerializeToNode(given) : null;
            if (FieldOf(target) is { } field) shown[header] = PolicyOf(target) is { } policy ? $"{field} ({policy})" : field;
        }

        return shown;
    }

    private JsonObject Map(FilePreview preview)
    {
        var mapping = Settings[MappingMember]?.DeepClone().AsObject() ?? new JsonObject(preview.SuggestedMapping
            .Where(column => !string.IsNullOrEmpty(column.Value))
            .Select(column => KeyValuePair.Create(column.Key, (JsonNode?)column.Value)));
        foreach (var (column, field) in Mapping)
        {
            // A field can have one column only; the caller's choice takes it from the suggested one.
            foreach (var other in mapping.Where(other => FieldOf(other.Value) == field).Select(other => other.Key).ToList())
                mapping.Remove(other);
            if (field.Length > 0) mapping[column] = field;
            else mapping.Remove(column);
        }

        return mapping;
    }

    private static void SetPolicy(JsonObject confirmation, string field, string policy)
    {
        var isSet = false;
        if (confirmation[MappingMember] is JsonObject mapping)
        {
            foreach (var column in mapping.Where(column => FieldOf(column.Value) == field).Select(column => column.Key).ToList())
            {
                var target = mapping[column] as JsonObject ?? new JsonObject { ["field"] = field };
                target["policy"] = policy;
                if (!ReferenceEquals(mapping[column], target)) mapping[column] = target;
                isSet = true;
            }
        }

        if ((confirmation[ComputedMember] as JsonObject)?[field] is JsonObject computed)
        {
            computed["policy"] = policy;
            isSet = true;
        }

        if (confirmation[ConstantsMember] is JsonObject constants && constants[field] is { } constant)
        {
            var value = constant is JsonObject given ? given["value"] : constant;
            constants[field] = new JsonObject { ["value"] = value?.DeepClone(), ["policy"] = policy };
            isSet = true;
        }

        if (!isSet) throw new CommandFailure($"--policy {field}={policy}: no column is mapped to {field}, and it has no constant.");
    }

    /// <summary>A constant as requests write it. What is no such value is sent as text, and the service says what it expects.</summary>
    private static JsonNode ConstantOf(FilePreview preview, string field, string value)
    {
        var kind = preview.AvailableFields?.FirstOrDefault(each => each.Value == field)?.Kind;
        if (kind is "integer" && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        if (kind is "decimal" && decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
        if (kind is "boolean" && value is "true" or "false") return value == "true";
        return value;
    }

    private static JsonObject MembersOf(JsonObject settings, string name)
    {
        if (settings[name] is JsonObject members) return members;
        members = [];
        settings[name] = members;
        return members;
    }

    private static string? FieldOf(JsonNode? target) => target switch
    {
        JsonObject settings => FieldOf(settings["field"]),
        JsonValue value when value.TryGetValue<string>(out var field) => field,
        _ => null,
    };

    private static string? PolicyOf(JsonNode? target) => target is JsonObject settings ? FieldOf(settings["policy"]) : null;
}
