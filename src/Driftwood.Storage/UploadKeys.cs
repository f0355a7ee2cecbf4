using System.Buffers;

namespace Driftwood.Storage;

/// <summary>The names of stored objects.</summary>
public static class UploadKeys
{
    /// <summary>The beginning of the keys of files that callers have sent to the bucket and that no upload has taken yet.</summary>
    public const string IncomingPrefix = "incoming/";

    private const int MaxLength = 200;

    private static readonly SearchValues<char> Characters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-/");

    /// <summary>Where the caller of an import sends its file. The last file that was sent is there.</summary>
    public static string Incoming(Guid jobId) => $"{IncomingPrefix}{jobId}";

    /// <summary>A new key for a file of an import. No other object has it.</summary>
    public static string New(Guid jobId) => $"{jobId}-{Guid.NewGuid():n}";

    /// <summary>The key itself.</summary>
    /// <exception cref="ArgumentException">It is not a key.</exception>
    internal static string Require(string key)
    {
        if (key.Length is 0 or > MaxLength || !HasOnlyKeyCharacters(key) || key[0] == '/' || key[^1] == '/'
            || key.Contains("//", StringComparison.Ordinal))
        {
            throw new ArgumentException("A key has segments of a-z, 0-9 and '-', separated by single '/'.", nameof(key));
        }

        return key;
    }

    internal static bool HasOnlyKeyCharacters(string key) => !key.AsSpan().ContainsAnyExcept(Characters);
}
