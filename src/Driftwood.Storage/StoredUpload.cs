namespace Driftwood.Storage;

/// <summary>The size and hash of what was written, measured while it streamed.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Sha256">The 32 bytes of the content's SHA-256.</param>
public sealed record StoredUpload(long Length, byte[] Sha256);
