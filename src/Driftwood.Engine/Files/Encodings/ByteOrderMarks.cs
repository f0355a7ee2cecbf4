namespace Driftwood.Engine.Files.Encodings;

/// <summary>The marks by which a file tells its encoding.</summary>
internal static class ByteOrderMarks
{
    // UTF-32 first: its mark begins with that of UTF-16.
    private static readonly (byte[] Mark, string Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], TextEncodings.Utf8),
        ([0xFF, 0xFE, 0, 0], "utf-32le"),
        ([0, 0, 0xFE, 0xFF], "utf-32be"),
        ([0xFF, 0xFE], "utf-16le"),
        ([0xFE, 0xFF], "utf-16be"),
    ];

    /// <summary>The encoding that a file's first bytes name, or null.</summary>
    public static string? Find(ReadOnlySpan<byte> start)
    {
        foreach (var (mark, encoding) in Marks)
        {
            if (start.StartsWith(mark)) return encoding;
        }

        return null;
    }

    /// <summary>Bytes of an encoding's mark; 0 if it has none.</summary>
    public static int LengthOf(string encoding) =>
        Array.Find(Marks, mark => mark.Encoding == encoding).Mark?.Length ?? 0;
}
