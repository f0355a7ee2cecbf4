namespace Driftwood.Engine.Files;

/// <summary>Bounds on a file's records.</summary>
public static class FileLimits
{
    /// <summary>Bytes of UTF-8 in one record; a longer one fails <c>record_too_large</c>. Ten times the largest field there is.</summary>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>
    /// Bytes of a file once decompressed: four times the largest upload by default, so that a file that is small on disk cannot be endless.
    /// </summary>
    public const long MaxDecompressedBytes = 20L << 30;

    /// <summary>Columns of a file; more are refused when the upload is completed.</summary>
    public const int MaxColumns = 1_000;

    /// <summary>Bytes of a failed record that are kept with its error.</summary>
    public const int MaxRawBytes = 1 << 16;
}
