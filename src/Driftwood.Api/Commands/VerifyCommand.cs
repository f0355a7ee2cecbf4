using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>Proves offline that a file and a receipt are those of a signed manifest.</summary>
internal static class VerifyCommand
{
    /// <summary>A file is another one, the signature does not hold, or another key made it.</summary>
    private const int Differs = 2;

    public static Command Create(CommandContext context)
    {
        var manifest = new Argument<FileInfo>("manifest") { Description = "The answer of imports-manifest, or its signature alone." };
        var file = new Argument<FileInfo>("file") { Description = "The file that was imported." };
        var receipt = new Argument<FileInfo>("receipt") { Description = "The file of imports-results-csv." };
        var key = new Option<string?>("--key")
        {
            Description = "Fingerprint of the service's public key, as this command prints it. Without it, any key may have signed.",
            HelpName = "fingerprint",
        };
        var command = new Command("verify", "Compares a file and a receipt with a signed manifest. Needs no service.")
        {
            manifest.AcceptExistingOnly(), file.AcceptExistingOnly(), receipt.AcceptExistingOnly(), key,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            context.Terminal, parsed.GetRequiredValue(manifest), parsed.GetRequiredValue(file), parsed.GetRequiredValue(receipt),
            parsed.GetValue(key), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        Terminal terminal, FileInfo manifest, FileInfo file, FileInfo receipt, string? key, CancellationToken cancellationToken)
    {
        var jws = Signature(await File.ReadAllTextAsync(manifest.FullName, cancellationToken));
        if (ManifestSigner.Verify(jws, out var fingerprint) is not { } payload)
        {
            terminal.Note($"{manifest.Name} has no valid signature.");
            return Differs;
        }

        var signed = JsonElement.Parse(payload);
        terminal.Say($"Signed by the key {fingerprint} at {signed.GetProperty("issued_at").GetString()}");
        var isRight = key is null || key.Equals(fingerprint, StringComparison.OrdinalIgnoreCase);
        if (!isRight) terminal.Note($"The key is not {key}.");
        isRight &= await CompareAsync(terminal, "file", file, signed, cancellationToken);
        isRight &= await CompareAsync(terminal, "receipt", receipt, signed, cancellationToken);
        if (!isRight) return Differs;
        var import = signed.GetProperty("import");
        var counts = from outcome in (string[])["created", "updated", "skipped", "failed"]
                     select $"{Terminal.Count(import.GetProperty($"{outcome}_count").GetInt64())} {outcome}";
        var user = Terminal.Printable(import.GetProperty("created_by_name").GetString()!);
        terminal.Say($"Import {import.GetProperty("id").GetString()} by {user}: {string.Join(", ", counts)}");
        return 0;
    }

    private static async Task<bool> CompareAsync(
        Terminal terminal, string what, FileInfo file, JsonElement signed, CancellationToken cancellationToken)
    {
        await using var content = file.OpenRead();
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
        var expected = signed.GetProperty(what).GetProperty("sha256").GetString();
        if (hash == expected)
        {
            terminal.Say($"The {what} is the one of the import: {hash}");
            return true;
        }

        terminal.Note($"{file.Name} is not the {what} of the import: its SHA-256 is {hash}, and not {expected}.");
        return false;
    }

    private static string Signature(string text)
    {
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('{')) return trimmed;
        try
        {
            var answer = JsonElement.Parse(trimmed);
            if (answer.TryGetProperty("result", out var result)) answer = result;
            return answer.TryGetProperty("signature", out var signature) ? signature.GetString() ?? "" : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
