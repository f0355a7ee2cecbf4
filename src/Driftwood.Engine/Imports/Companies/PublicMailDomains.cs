using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Driftwood.Engine.Imports.Companies;

/// <summary>Domains at which anybody can have an e-mail address. Such an address does not identify a company.</summary>
public static class PublicMailDomains
{
    /// <summary>The domains as match keys.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "126.com", "163.com", "aol.com", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de",
        "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr", "icloud.com", "laposte.net", "libero.it",
        "live.com", "mac.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com", "orange.fr", "outlook.com", "outlook.de",
        "outlook.fr", "pm.me", "proton.me", "protonmail.com", "qq.com", "rediffmail.com", "t-online.de", "wanadoo.fr", "web.de",
        "yahoo.co.in", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    ];

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        All.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly int MaxLength = All.Max(domain => domain.Length);

    /// <summary>Whether the match key of a domain, in UTF-8, is one of them.</summary>
    internal static bool Contains(ReadOnlySpan<byte> key)
    {
        Span<char> chars = stackalloc char[MaxLength];
        return key.Length <= MaxLength && Ascii.ToUtf16(key, chars, out var length) == OperationStatus.Done
            && Lookup.Contains(chars[..length]);
    }
}
