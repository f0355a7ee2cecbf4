using System.Text;

namespace Driftwood.Engine.Files.Encodings;

/// <summary>The encodings that are read: UTF-8, UTF-16, UTF-32 and all code pages of .NET.</summary>
public static class TextEncodings
{
    /// <summary>The name of UTF-8.</summary>
    public const string Utf8 = "utf-8";

    private static readonly Dictionary<string, int> OwnNames = new(StringComparer.OrdinalIgnoreCase)
    {
        [Utf8] = 65001,
        ["utf-16le"] = 1200,
        ["utf-16be"] = 1201,
        ["utf-32le"] = 12000,
        ["utf-32be"] = 12001,
    };

    // The other names of the encodings that .NET has without its code pages.
    private static readonly Dictionary<string, int> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["utf8"] = 65001,
        ["utf-16"] = 1200,
        ["unicode"] = 1200,
        ["ucs-2"] = 1200,
        ["utf-32"] = 12000,
        ["us-ascii"] = 20127,
        ["ascii"] = 20127,
        ["iso-8859-1"] = 28591,
        ["iso8859-1"] = 28591,
        ["iso_8859-1"] = 28591,
        ["latin1"] = 28591,
        ["latin-1"] = 28591,
        ["l1"] = 28591,
    };

    static TextEncodings() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <summary>The names that callers are told of. Every other name of a code page of .NET is accepted too.</summary>
    public static IReadOnlyList<string> Common { get; } =
    [
        Utf8, "utf-16le", "utf-16be", .. Enumerable.Range(1250, 9).Select(page => FormattableString.Invariant($"windows-{page}")),
        .. new[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15 }.Select(part => FormattableString.Invariant($"iso-8859-{part}")),
        "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr", "koi8-r", "koi8-u", "macintosh", "ibm437", "ibm850", "ibm852", "ibm866",
    ];

    /// <summary>The name under which an encoding is stored and shown, or null if there is no such encoding.</summary>
    public static string? NameOf(string name)
    {
        if (OwnNames.ContainsKey(name)) return name.ToLowerInvariant();
        // Encoding.GetEncoding throws for a name that it does not know. The provider of the code pages returns null.
        var encoding = OtherNames.TryGetValue(name, out var page)
            ? Encoding.GetEncoding(page)
            : CodePagesEncodingProvider.Instance.GetEncoding(name);
        return encoding is null ? null : OwnNames.FirstOrDefault(own => own.Value == encoding.CodePage).Key ?? encoding.WebName;
    }

    /// <summary>
    /// The decoder of an encoding that <see cref="NameOf"/> named. A place that it cannot decode becomes
    /// <see cref="DecodedStream.Undecodable"/>.
    /// </summary>
    internal static Encoding Decoder(string name)
    {
        var fallback = new DecoderReplacementFallback(DecodedStream.Mark.ToString());
        return OwnNames.TryGetValue(name, out var page)
            ? Encoding.GetEncoding(page, EncoderFallback.ReplacementFallback, fallback)
            : Encoding.GetEncoding(name, EncoderFallback.ReplacementFallback, fallback);
    }
}
