using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Json;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Engine.Files.Preview;

/// <summary>
/// The supported kinds of files. A new kind needs an entry in <see cref="Kinds"/> and a line in <see cref="DetectAsync"/>.
/// </summary>
public static class FileFormats
{
    /// <summary>The word that a stored format begins with, and its record type.</summary>
    private static readonly (string Word, Type Format)[] Kinds = [("delimited_text", typeof(CsvFormat)), ("json", typeof(JsonFormat))];

    private static readonly JsonSerializerOptions Json = new(EngineJson.Options)
    {
        TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(AddKinds),
        // jsonb stores members in its own order.
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>Writes a format in the form that is stored with its import.</summary>
    public static string Write(FileFormat format) => JsonSerializer.Serialize(format, Json);

    /// <summary>Reads the result of <see cref="Write"/>.</summary>
    public static FileFormat Read(string json) =>
        JsonSerializer.Deserialize<FileFormat>(json, Json) ?? throw new InvalidOperationException("A kept format is null.");

    /// <summary>Detects the format of a file, or of the table that was made of one.</summary>
    /// <exception cref="UnreadableFileException">The file is empty or of an unsupported kind.</exception>
    internal static Task<DetectedFormat> DetectAsync(
        OpenFile file, FileOverrides overrides, KnownNames? names, ConvertedTable? table, CancellationToken cancellationToken) =>
        table switch
        {
            null => CsvDetector.DetectAsync(file, overrides, names, cancellationToken),
            { Format: { } format } => Task.FromResult(new DetectedFormat(format, table.Notes)),
            _ => CsvDetector.DetectTableAsync(file, overrides, names, table, cancellationToken),
        };

    private static void AddKinds(JsonTypeInfo type)
    {
        if (type.Type != typeof(FileFormat)) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = "kind" };
        foreach (var (word, format) in Kinds) type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(format, word));
    }
}
