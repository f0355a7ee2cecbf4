using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Driftwood.Api.Platform.Requests;

/// <summary>The JSON of every request and answer.</summary>
internal static class WireJson
{
    /// <summary>Deeper nesting is refused: nothing Driftwood reads needs it, and every level costs stack.</summary>
    public const int MaxDepth = 32;

    public static JsonSerializerOptions Options { get; } = Create();

    /// <summary>The wire's name for a member: <c>EntityIds</c> → <c>entity_ids</c>.</summary>
    public static string Name(string member) => JsonNamingPolicy.SnakeCaseLower.ConvertName(member);

    /// <summary>The wire's word for a value of an enum: <c>UpdateOnly</c> → <c>update_only</c>.</summary>
    public static string Word<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonSerializer.SerializeToElement(value, Options).GetString()!;

    /// <summary>The wire's words for all values of an enum, in their order.</summary>
    public static string[] Words<TEnum>()
        where TEnum : struct, Enum => [.. Enum.GetValues<TEnum>().Select(Word)];

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            // Answers are application/json with nosniff, never inlined into HTML, so only what JSON demands is escaped.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = 2 * MaxDepth,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters =
            {
                new UtcTimeConverter(),
                new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    /// <summary>RFC 3339 in UTC, as the documents print it: a fraction (up to milliseconds) only where there is one.</summary>
    private sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
    {
        // Converted to UTC here, since PostgreSQL's driver takes no other offset.
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(
                value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture));
    }
}
