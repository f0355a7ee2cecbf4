using System.Text.Json;
using Driftwood.Engine.Faults;

namespace Driftwood.Engine.Files.Json;

/// <summary>The refusals of JSON: of a record, and of a file as a whole.</summary>
internal static class JsonFault
{
    public static readonly Fault TooLarge = new(
        "record_too_large", FormattableString.Invariant($"Larger than {FileLimits.MaxRecordBytes} bytes."));

    public static readonly Fault TooDeep = new(
        "too_deep", FormattableString.Invariant($"Objects and lists are nested more than {JsonRow.MaxDepth} deep."));

    public static readonly Fault LongName = new(
        "too_long", FormattableString.Invariant($"The name of a member, with those around it, has more than {JsonRow.MaxPath} bytes."));

    public static Fault NotJson(JsonException broken)
    {
        var line = broken.LineNumber > 0 ? FormattableString.Invariant($" of its line {broken.LineNumber + 1}") : "";
        return new("broken_json", FormattableString.Invariant($"Is not valid JSON, from byte {broken.BytePositionInLine + 1}{line} on."));
    }

    public static Fault NotObject(JsonTokenType found) => new(
        "wrong_type", $"Expected an object, found {(found == JsonTokenType.StartArray ? "a list" : "a single value")}.");

    public static Fault Twice(string path) => new("duplicate_member", $"The member {Shown(path)} is there twice.");

    /// <summary>A file that cannot be read on.</summary>
    public static UnreadableFileException Broken(long line, string reason) => new("broken_json", FormattableString.Invariant(
        $"The file is not valid JSON near line {line}: {reason}"));

    public static string Shown(string path) => path.Length <= 80 ? path : path[..80] + "…";
}
