using System.Buffers.Text;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>
/// Signs manifests as JSON Web Signatures (RFC 7515) with ES256. The key pair follows from the first signing key of the configuration, so
/// all nodes sign alike and nothing else has to be kept. The public key stands in the signature's header.
/// </summary>
internal sealed class ManifestSigner(IOptions<DriftwoodOptions> options)
{
    // The order of the group of P-256.
    private static readonly BigInteger Order =
        BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber);

    /// <summary>Signs a payload.</summary>
    /// <param name="payload">JSON in UTF-8.</param>
    /// <returns>The compact serialization: header, payload and signature in base64url, separated by dots.</returns>
    public string Sign(byte[] payload)
    {
        using var key = NewKey();
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk = new { kty = "EC", crv = "P-256", x = Base64Url.EncodeToString(point.X), y = Base64Url.EncodeToString(point.Y) };
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = "ES256", kid = Fingerprint(key), jwk });
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Verifies a signature with the public key in its header.</summary>
    /// <param name="jws">The compact serialization.</param>
    /// <param name="fingerprint">The fingerprint of the public key: who knows the service's knows that it signed.</param>
    /// <returns>The payload; null if the text is no such signature, or was changed.</returns>
    public static byte[]? Verify(string jws, out string fingerprint)
    {
        fingerprint = "";
        if (jws.Split('.') is not [var header, var payload, var signature]) return null;
        try
        {
            var jwk = JsonElement.Parse(Base64Url.DecodeFromChars(header)).GetProperty("jwk");
            using var key = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint { X = Member(jwk, "x"), Y = Member(jwk, "y") },
            });
            fingerprint = Fingerprint(key);
            var isSigned = key.VerifyData(
                Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256);
            return isSigned ? Base64Url.DecodeFromChars(payload) : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException
            or CryptographicException)
        {
            return null;
        }
    }

    private static byte[] Member(JsonElement jwk, string name) => Base64Url.DecodeFromChars(jwk.GetProperty(name).GetString());

    private static string Fingerprint(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    // FIPS 186-5, A.2.1: 128 more bits than the order has, so that no private key is likelier than another.
    private ECDsa NewKey()
    {
        var secret = Encoding.UTF8.GetBytes(options.Value.Uploads.SigningKeys[0].Secret);
        var bytes = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 48, info: "driftwood manifest"u8.ToArray());
        var scalar = (new BigInteger(bytes, isUnsigned: true, isBigEndian: true) % (Order - 1)) + 1;
        var d = new byte[32];
        scalar.TryWriteBytes(d.AsSpan(32 - scalar.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d });
    }
}
