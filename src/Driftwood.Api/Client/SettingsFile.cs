using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Client;

/// <summary>A file with settings of an import: the JSON that imports-run takes as options.</summary>
internal static class SettingsFile
{
    private static readonly string[] Objects = ["column_mapping", "computed_fields", "constants"];

    private static readonly string[] OfTheCommand = ["id", "dry_run", "profile_id", "like"];

    /// <exception cref="CommandFailure">It is no JSON object, or has members that it cannot have.</exception>
    public static async Task<JsonObject> ReadAsync(FileInfo file, CancellationToken cancellationToken)
    {
        JsonNode? settings;
        try
        {
            var text = await File.ReadAllTextAsync(file.FullName, cancellationToken);
            settings = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException broken)
        {
            var place = $"line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}";
            throw new CommandFailure($"{file.Name} is not JSON, or has a member twice: {place}.", broken);
        }

        if (settings is not JsonObject members)
            throw new CommandFailure($"{file.Name} is no JSON object with settings of imports-confirm.");
        var foreign = OfTheCommand.Where(members.ContainsKey).ToList();
        if (foreign.Count > 0)
            throw new CommandFailure($"{file.Name} has {string.Join(", ", foreign)}, which the command says itself: leave it out.");
        var wrong = Objects.Where(name => members[name] is not (null or JsonObject)).ToList();
        if (wrong.Count > 0) throw new CommandFailure($"{file.Name}: {string.Join(", ", wrong)} must be an object.");
        return members;
    }
}
