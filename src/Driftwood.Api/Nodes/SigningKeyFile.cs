using System.Security.Cryptography;
using System.Text.Json;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Nodes;

/// <summary>The keys that sign upload URLs where none are configured: made once, kept in the data directory.</summary>
internal static class SigningKeyFile
{
    private const string Setting = "Driftwood__Uploads__SigningKeys__0__";

    /// <summary>
    /// Adds kept keys to the configuration of a node that answers HTTP, unless it has keys already. Processes with one
    /// data directory have one key; nodes on several machines must be given theirs, which is said where that is likely.
    /// </summary>
    /// <exception cref="CommandFailure">They can be neither read nor kept.</exception>
    public static void Provide(
        IConfigurationBuilder configuration, DriftwoodOptions options, DataDirectory directory, Action<string>? warn)
    {
        if (options.Role == Role.Worker || options.Uploads.SigningKeys.Length > 0) return;
        try
        {
            if (!File.Exists(directory.SigningKeysFile)) directory.WriteSigningKeysOnce(NewKeys());
            configuration.AddJsonStream(new MemoryStream(File.ReadAllBytes(directory.SigningKeysFile)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or JsonException)
        {
            throw new CommandFailure(
                $"Upload URLs need a signing key: none is configured, and '{directory.SigningKeysFile}' cannot be used "
                    + $"({e.Message.TrimEnd('.')}). "
                + $"Set {Setting}Id and {Setting}Secret, the same on every node.", e);
        }

        warn?.Invoke(
            $"No signing keys are configured: upload URLs are signed with those in {DataDirectory.Shown(directory.SigningKeysFile)}. "
            + $"All nodes must share them: share the directory, or set {Setting}Id and {Setting}Secret.");
    }

    private static string NewKeys()
    {
        var key = new { Id = "local", Secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) };
        return JsonSerializer.Serialize(new { Driftwood = new { Uploads = new { SigningKeys = new[] { key } } } }) + "\n";
    }
}
