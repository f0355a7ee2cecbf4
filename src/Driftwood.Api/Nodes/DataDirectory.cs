using System.Security.Cryptography;

namespace Driftwood.Api.Nodes;

/// <summary>The files of a node beside its uploads. Only the node's own user can read the secrets in them.</summary>
internal sealed class DataDirectory(string path)
{
    private readonly string _path = Path.GetFullPath(path);

    /// <summary>The embedded database.</summary>
    public string Postgres => Path.Combine(_path, "postgres");

    /// <summary>The first account's token, on a line of its own.</summary>
    public string TokenFile => Path.Combine(_path, "token");

    /// <summary>Signing keys that were generated, in the shape of the configuration they stand in for.</summary>
    public string SigningKeysFile => Path.Combine(_path, "signing-keys.json");

    /// <summary>The kept token; null when there is none.</summary>
    public string? ReadToken() =>
        File.Exists(TokenFile) && File.ReadAllText(TokenFile).Trim() is { Length: > 0 } token ? token : null;

    /// <summary>Keeps a token in the place of any other.</summary>
    public void WriteToken(string token) => Write(TokenFile, token + "\n", replace: true);

    /// <summary>Keeps signing keys unless another process was quicker; what the file then holds is for all of them.</summary>
    public void WriteSigningKeysOnce(string json) => Write(SigningKeysFile, json, replace: false);

    /// <summary>A path as the person at the terminal would write it.</summary>
    public static string Shown(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }

    /// <summary>The file appears whole or not at all, whatever other processes do at the same time.</summary>
    private void Write(string file, string text, bool replace)
    {
        Directory.CreateDirectory(_path);
        var beside = $"{file}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(beside, options))
            {
                using (var writer = new StreamWriter(stream, leaveOpen: true)) writer.Write(text);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, file, replace);
        }
        catch (IOException) when (!replace && File.Exists(file))
        {
            // Another process's file, which counts.
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
