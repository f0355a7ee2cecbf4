using System.Text.Json;
using System.Text.Json.Serialization;

namespace Driftwood.Api.Platform.Requests;

/// <summary>
/// A request member that tells absent from null: absent is <c>default</c>, <c>"name": null</c> is present with a null
/// <see cref="Value"/>. Use it where null means "clear".
/// </summary>
[JsonConverter(typeof(OptionalConverterFactory))]
internal readonly record struct Optional<T>
{
    public Optional(T? value)
    {
        Value = value;
        IsPresent = true;
    }

    public bool IsNull => IsPresent && Value is null;

    public bool IsPresent { get; }

    /// <summary>Null or zero when absent.</summary>
    public T? Value { get; }
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
    {
        var converter = typeof(Converter<>).MakeGenericType(typeToConvert.GetGenericArguments());
        return (JsonConverter)Activator.CreateInstance(converter)!;
    }

    private sealed class Converter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(JsonSerializer.Deserialize<T>(ref reader, options));

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Value, options);
    }
}
