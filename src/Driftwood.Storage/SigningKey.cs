namespace Driftwood.Storage;

/// <summary>A secret that signs upload URLs. The id stands in every URL; the secret nowhere.</summary>
/// <param name="Id">Not secret; tells keys apart during a rotation.</param>
/// <param name="Secret">At least 32 random bytes (base64 in configuration).</param>
public sealed record SigningKey(string Id, byte[] Secret);
