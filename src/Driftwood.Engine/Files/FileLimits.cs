namespace Driftwood.Engine.Files;

/// <summary>Limits on files and their records.</summary>
public static class FileLimits
{
    /// <summary>Bytes of UTF-8 in one record: ten times the largest field. A longer record fails with <c>record_too_large</c>.</summary>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>
    /// Bytes of a decompressed file: four times the largest upload by default. A small compressed file therefore cannot be endless.
    /// </summary>
    public const long MaxDecompressedBytes = 20L << 30;

    /// <summary>Columns of a file. A file with more is refused when the upload is completed.</summary>
    public const int MaxColumns = 1_000;

    /// <summary>Bytes of a failed record that are stored with its error.</summary>
    public const int MaxRawBytes = 1 << 16;
}
