using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Driftwood.Engine.Files.Csv;

namespace Driftwood.Engine.Files.Preview;

/// <summary>
/// The kinds of files that are read: a new one has an entry in <see cref="Kinds"/> and a line in <see cref="DetectAsync"/>.
/// </summary>
public static class FileFormats
{
    /// <summary>The word that a kept format begins with, and its record.</summary>
    private static readonly (string Word, Type Format)[] Kinds = [("delimited_text", typeof(CsvFormat))];

    private static readonly JsonSerializerOptions Json = new(EngineJson.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(AddKinds),
        // jsonb keeps members in an order of its own.
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>A format as it is kept with its import.</summary>
    public static string Write(FileFormat format) => JsonSerializer.Serialize(format, Json);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static FileFormat Read(string json) =>
        JsonSerializer.Deserialize<FileFormat>(json, Json) ?? throw new InvalidOperationException("A kept format is null.");

    /// <summary>Finds how a file is to be read.</summary>
    /// <exception cref="UnreadableFileException">The file is empty or of a kind that is not read.</exception>
    internal static async Task<FileFormat> DetectAsync(OpenFile file, FileOverrides overrides, CancellationToken cancellationToken) =>
        await CsvDetector.DetectAsync(file, overrides, cancellationToken);

    private static void AddKinds(JsonTypeInfo type)
    {
        if (type.Type != typeof(FileFormat)) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "kind" };
        foreach (var (word, format) in Kinds) type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(format, word));
    }
}
