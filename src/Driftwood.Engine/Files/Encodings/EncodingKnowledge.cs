using System.Text.Json;

namespace Driftwood.Engine.Files.Encodings;

/// <summary>The contents of encodings.json.</summary>
/// <param name="About">What the file is.</param>
/// <param name="ReadAs">Names of encodings that are read as another one, which is the same or contains it.</param>
/// <param name="WiderReadAs">The same where the text has bytes that the named encoding has no letters for.</param>
/// <param name="Usual">Encodings that programs write today, where the library's word is taken.</param>
/// <param name="Western">Encodings of Western Europe, the most usual first.</param>
/// <param name="WesternLetters">Letters that Western European languages use.</param>
/// <param name="WesternSigns">Signs that such texts use.</param>
internal sealed record EncodingKnowledge(
    string About,
    IReadOnlyDictionary<string, string> ReadAs,
    IReadOnlyDictionary<string, string> WiderReadAs,
    IReadOnlyList<string> Usual,
    IReadOnlyList<string> Western,
    string WesternLetters,
    string WesternSigns)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static EncodingKnowledge Instance { get; } = Read();

    private static EncodingKnowledge Read()
    {
        using var file = typeof(EncodingKnowledge).Assembly.GetManifestResourceStream("encodings.json")!;
        return JsonSerializer.Deserialize<EncodingKnowledge>(file, Json)!;
    }
}
