using System.Text.Json;
using System.Text.Json.Serialization;

namespace Driftwood.Engine;

/// <summary>How the engine's own documents (a confirmed import, a file's format) are written to jsonb columns.</summary>
public static class EngineJson
{
    /// <summary>
    /// snake_case members and enum values; nulls written; unknown members refused, so that a document is never half understood.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Reads a stored document.</summary>
    internal static T Read<T>(string json) =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidOperationException($"A stored {typeof(T).Name} is null.");
}
