using System.Security.Cryptography;
using System.Text;

namespace Driftwood.Api.Platform.Security;

/// <summary>
/// Signs cursors with keys that are derived from the keys of upload URLs, so that all nodes know them and each use has keys of its own.
/// The first key signs, and all verify.
/// </summary>
internal sealed class CursorKeys
{
    /// <summary>Bytes of a signature: 128 bits cannot be guessed, and cursors stay short.</summary>
    public const int SignatureLength = 16;

    private static readonly byte[] Purpose = "driftwood-cursor-1"u8.ToArray();

    private readonly byte[][] _keys;

    /// <param name="secrets">None on a node that answers no requests.</param>
    public CursorKeys(IEnumerable<string> secrets) => _keys =
        [.. secrets.Select(secret => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Purpose))];

    /// <exception cref="InvalidOperationException">The node has no keys.</exception>
    public byte[] Sign(Guid account, string list, ReadOnlySpan<byte> position) =>
        Compute(_keys.FirstOrDefault() ?? throw new InvalidOperationException("The node has no signing key."), account, list, position);

    public bool Verify(Guid account, string list, ReadOnlySpan<byte> position, ReadOnlySpan<byte> signature)
    {
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(Compute(key, account, list, position), signature)) return true;
        }

        return false;
    }

    private static byte[] Compute(byte[] key, Guid account, string list, ReadOnlySpan<byte> position)
    {
        // The length keeps the list's name apart from the position.
        var scope = Encoding.UTF8.GetBytes(FormattableString.Invariant($"{account:N}\n{list.Length}:{list}\n"));
        byte[] message = [.. scope, .. position];
        return HMACSHA256.HashData(key, message)[..SignatureLength];
    }
}
