using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Driftwood.Engine.Files.Csv;

/// <summary>Recognises files that are no delimited text, whatever their name says. What they are is told by file-kinds.json.</summary>
internal static partial class OtherKinds
{
    /// <summary>A very small file with a bad byte is still text.</summary>
    private const int FewestControls = 4;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private static readonly Lists Known = ReadLists();

    private static readonly (byte[] Start, Kind Kind)[] Binaries =
        [.. Known.Bytes.Select(kind => (Convert.FromHexString(kind.Starts!), kind))];

    /// <summary>Refuses a file by its bytes.</summary>
    /// <exception cref="UnreadableFileException">The file is of a known other kind.</exception>
    public static void RefuseBinary(ReadOnlySpan<byte> start)
    {
        foreach (var (first, kind) in Binaries)
        {
            if (start.StartsWith(first)) throw Refused(kind);
        }
    }

    /// <summary>Refuses a file by its text.</summary>
    /// <param name="text">The beginning of the text.</param>
    /// <exception cref="UnreadableFileException">The file is of a known other kind, or is not text.</exception>
    public static void RefuseText(ReadOnlySpan<byte> text)
    {
        RefuseControlCharacters(text);
        var start = Records.Text.Blank.Trim(text[..Math.Min(text.Length, 1 << 14)]);
        var words = Encoding.UTF8.GetString(start);
        foreach (var kind in Known.Texts)
        {
            if (words.StartsWith(kind.Starts!, StringComparison.OrdinalIgnoreCase)) throw Refused(kind);
        }

        if (words.StartsWith('<') && (XmlStart().IsMatch(words) || (Element().Match(words) is { Success: true } element
            && words.Contains($"</{element.Groups[1].Value}>", StringComparison.OrdinalIgnoreCase)))) throw Refused(Known.Xml);
        if (IsJson(start)) throw Refused(Known.Json);
    }

    // A stray control character makes a bad cell. If one character in a hundred is a control character, it is another kind of file.
    private static void RefuseControlCharacters(ReadOnlySpan<byte> text)
    {
        var controls = 0;
        foreach (var b in text)
        {
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\r' or (byte)'\n' or 0x0B or 0x0C)) controls++;
        }

        if (controls >= FewestControls && controls * 100L > text.Length)
        {
            throw new UnreadableFileException("not_text", "The file is not text: more than one byte in a hundred is a control character.");
        }
    }

    // An object or a list that follows the grammar, at least up to its third token. [Email],[Name] is a header of some databases.
    private static bool IsJson(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty || start[0] is not ((byte)'{' or (byte)'[')) return false;
        var reader = new Utf8JsonReader(start, isFinalBlock: false, default);
        try
        {
            for (var tokens = 0; tokens < 3; tokens++)
            {
                if (!reader.Read()) return tokens > 1;
                if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject && reader.CurrentDepth == 0) return true;
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static UnreadableFileException Refused(Kind kind) => new(
        "not_text",
        kind.Do is null
            ? $"The file is {kind.Is}, not delimited text."
            : $"The file is {kind.Is}, not delimited text. What to do: {kind.Do}.");

    private static Lists ReadLists()
    {
        using var file = typeof(OtherKinds).Assembly.GetManifestResourceStream("file-kinds.json")!;
        return JsonSerializer.Deserialize<Lists>(file, Json)!;
    }

    [GeneratedRegex(@"^<(\?xml|!--|!doctype|!\[CDATA\[)", RegexOptions.IgnoreCase)]
    private static partial Regex XmlStart();

    [GeneratedRegex(@"^<([A-Za-z][\w:.-]*)(\s[^<>]*)?>")]
    private static partial Regex Element();

    private sealed record Kind(string? Starts, string Is, string? Do);

    private sealed record Lists(string About, Kind[] Bytes, Kind[] Texts, Kind Json, Kind Xml);
}
