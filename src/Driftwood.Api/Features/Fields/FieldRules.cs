using System.Text.RegularExpressions;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;

namespace Driftwood.Api.Features.Fields;

/// <summary>Rules for the keys and kinds of custom fields.</summary>
internal static partial class FieldRules
{
    /// <summary>Members of records and requests. No field may have the same name.</summary>
    private static readonly string[] Reserved =
        [.. RecordJson.ReadOnlyMembers, "custom", "tags", "record_type", "fields", "limit", "cursor", "filter", "query",
            "created_by_job", "changed_by_job", "deleted_at", "deleted_by", "deleted_by_job", // of filters
            "__proto__"]; // scripts cannot set a member of this name

    /// <summary>The fault of a key that no record type may have; null if there is none.</summary>
    public static Fault? KeyFault(string key) => key switch
    {
        _ when !Key().IsMatch(key) => new Fault(
            "key", "invalid_key",
                $"Found {Found.Describe(key)}, expected lower-case letters, digits and _ such as deal_size, no digit first, at most 63 "
                + $"characters."),
        _ when Reserved.Contains(key) =>
            new Fault("key", "reserved", $"{key} is a word of the API's own; expected none of {string.Join(", ", Reserved)}."),
        _ => null,
    };

    /// <exception cref="ApiException">422 if the type has a built-in field with this key.</exception>
    public static void RequireNotBuiltIn(RecordType type, string key)
    {
        if (!type.Fields.Any(field => field.Key == key && !field.IsCustom)) return;
        var builtIn = string.Join(", ", type.Fields.Where(field => !field.IsCustom).Select(field => field.Key));
        throw ApiException.Validation("key", "reserved", $"{type.Key} has a built-in field {key}; expected none of {builtIn}.");
    }

    /// <summary>The faults of unique and options for a kind.</summary>
    /// <param name="options">Null: not given.</param>
    /// <param name="stored">The options in stored form; empty if there are none.</param>
    public static List<Fault> KindFaults(FieldKind kind, bool unique, IReadOnlyList<string>? options, out string[] stored)
    {
        List<Fault> details = [];
        stored = [];
        if (unique && !FieldType.Of(kind).CanBeUnique)
        {
            details.Add(new Fault("unique", "not_applicable", "A boolean or tags cannot be unique; expected false."));
        }

        if (options is null) return details;
        if (kind != FieldKind.Choice)
        {
            details.Add(new Fault("options", "not_applicable", "Only a choice has options; leave them out."));
            return details;
        }

        List<Fault> faults = [];
        stored = ChoiceOptions.Read(options, faults);
        details.AddRange(faults);
        return details;
    }

    [GeneratedRegex(@"^[a-z_][a-z0-9_]{0,62}\z")]
    private static partial Regex Key();
}
