using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Driftwood.Storage;

/// <summary>
/// Signs the URL of one upload, so that its PUT needs no bearer token. All nodes share the keys; the first signs and
/// every one verifies: to rotate, put the new key first and drop the old one when its last URL has expired.
/// </summary>
public sealed class UploadUrlSigner
{
    private const string Method = "PUT";

    // HMAC-SHA256 is as strong as its output only with a secret at least that long.
    private const int MinSecretBytes = 32;

    private readonly IReadOnlyList<SigningKey> _keys;
    private readonly TimeProvider _clock;

    /// <exception cref="ArgumentException">No key, two keys of one id, an empty id, or a secret under 32 bytes.</exception>
    public UploadUrlSigner(IReadOnlyList<SigningKey> keys, TimeProvider clock)
    {
        if (keys.Count == 0)
            throw new ArgumentException("At least one signing key is needed.", nameof(keys));
        if (keys.Any(key => string.IsNullOrEmpty(key.Id) || key.Secret is not { Length: >= MinSecretBytes }))
            throw new ArgumentException($"A signing key needs an id and a secret of {MinSecretBytes} bytes or more.", nameof(keys));
        if (keys.DistinctBy(key => key.Id).Count() != keys.Count)
            throw new ArgumentException("Signing keys need different ids.", nameof(keys));
        _keys = [.. keys];
        _clock = clock;
    }

    /// <summary>The URL to PUT the file of a job to, relative to the service's public address.</summary>
    /// <param name="expiresAt">Rounded down to the second; from then on the URL is refused.</param>
    /// <param name="contentType">The Content-Type that the PUT must have; the route compares them.</param>
    /// <param name="maxBytes">The most bytes the body may have.</param>
    public string Sign(Guid jobId, DateTimeOffset expiresAt, string contentType, long maxBytes)
    {
        var path = PathOf(jobId);
        var query = new SignedUploadQuery(
            expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            maxBytes.ToString(CultureInfo.InvariantCulture),
            contentType,
            _keys[0].Id,
            Signature: null);
        var signature = Compute(_keys[0], Method, path, jobId, query);
        return $"{path}?expires={query.Expires}&max_bytes={query.MaxBytes}&content_type={Uri.EscapeDataString(contentType)}"
            + $"&key={Uri.EscapeDataString(_keys[0].Id)}&signature={signature}";
    }

    /// <summary>Judges a request as it came in. <see cref="UploadUrlVerdict.Expired"/> is said only of a URL signed here.</summary>
    /// <param name="path">The request's path without query and without a prefix the public address may have.</param>
    /// <param name="maxBytes">The signed limit in bytes; 0 unless the verdict is Ok.</param>
    public UploadUrlVerdict Verify(string method, string path, Guid jobId, SignedUploadQuery query, out long maxBytes)
    {
        maxBytes = 0;
        if (query is not { Expires: not null, MaxBytes: not null, ContentType: not null, Key: not null, Signature: not null })
            return UploadUrlVerdict.Altered;
        if (_keys.FirstOrDefault(candidate => candidate.Id == query.Key) is not { } key)
            return UploadUrlVerdict.UnknownKey;

        // The texts are compared, not the bytes they stand for: base64url can write the same bytes in several ways.
        var expected = Compute(key, method, path, jobId, query);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(query.Signature)))
            return UploadUrlVerdict.Altered;

        // Sign wrote whatever carries our signature, so both parse.
        if (_clock.GetUtcNow().ToUnixTimeSeconds() >= long.Parse(query.Expires, CultureInfo.InvariantCulture))
            return UploadUrlVerdict.Expired;
        maxBytes = long.Parse(query.MaxBytes, CultureInfo.InvariantCulture);
        return UploadUrlVerdict.Ok;
    }

    private static string PathOf(Guid jobId) => $"/uploads/{jobId}";

    private static string Compute(SigningKey key, string method, string path, Guid jobId, SignedUploadQuery query)
    {
        // Each part goes in with its length, so that no text can move from one part into its neighbour.
        var message = new StringBuilder("driftwood-upload-1");
        foreach (var part in new[] { method, path, jobId.ToString(), query.Expires, query.ContentType, query.MaxBytes, query.Key })
            message.Append(CultureInfo.InvariantCulture, $"\n{part!.Length}:{part}");
        return Base64Url.EncodeToString(HMACSHA256.HashData(key.Secret, Encoding.UTF8.GetBytes(message.ToString())));
    }
}
