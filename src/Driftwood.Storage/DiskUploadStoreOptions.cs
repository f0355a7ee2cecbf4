namespace Driftwood.Storage;

/// <summary>The directory of the uploads on local disk, and their largest size.</summary>
public sealed record DiskUploadStoreOptions
{
    /// <summary>Absolute, or relative to the working directory; made when missing. May be a volume that several
    /// processes share, as long as they run as the same user.</summary>
    public required string Directory { get; init; }

    /// <summary>The most bytes any upload may have, whatever its signed URL says. Default 10 GiB.</summary>
    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>Bytes of the disk that uploads never take, because a full disk would stop a database beside them.
    /// Default 256 MiB.</summary>
    public long ReservedBytes { get; init; } = 256L << 20;
}
