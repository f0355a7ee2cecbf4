using Driftwood.Engine.Faults;

namespace Driftwood.Api.Platform.Errors;

/// <summary>Every code that an entry of <c>error.details</c> can have: those of the engine, and those of requests alone.</summary>
internal static class DetailCodes
{
    /// <summary>Each code with one sentence, by code.</summary>
    public static IReadOnlyDictionary<string, string> Meanings { get; } = new SortedDictionary<string, string>(
        FaultCodes.Meanings.ToDictionary(), StringComparer.Ordinal)
    {
        ["invalid_content_type"] = "The value is not a MIME type.",
        ["invalid_cursor"] = "The value is not a cursor of this list.",
        ["invalid_delimiter"] = "The delimiter is not one ASCII character, or is a quote or a line break.",
        ["invalid_idempotency_key"] = "The Idempotency-Key is empty, too long or not printable ASCII.",
        ["invalid_key"] = "The key of a field or record type has characters or a length that are not allowed.",
        ["invalid_value"] = "The value is not accepted; the message says why.",
        ["not_applicable"] = "The member does not go with the others; leave it out.",
        ["not_failed"] = "The row did not fail in the import, or the import has no such row.",
        ["not_mapped"] = "No column is mapped to the field that is needed.",
        ["reserved"] = "The key is a word of the API's own, or of a built-in field.",
        ["unclear_column"] = "The column has values, and it is not certain which field they are for.",
        ["too_short"] = "The text is too short.",
    };
}
