using System.Buffers;
using System.Globalization;
using System.Text;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Text;

/// <summary>
/// Makes values comparable. Every path that reads or writes uses this one function. Its results are stored; the database
/// never computes them.
/// </summary>
public static class MatchKeys
{
    /// <summary>Fewer digits after 00 are a short number and no country code.</summary>
    private const int MinInternational = 8;

    private static readonly IdnMapping Domains = new() { AllowUnassigned = true };

    /// <summary>The key of a value; null when the value has nothing to compare.</summary>
    public static string? Of(MatchKeyKind kind, string value)
    {
        using var buffer = new ByteBuffer(256);
        Write(kind, Encoding.UTF8.GetBytes(value), buffer);
        return buffer.Length == 0 ? null : Encoding.UTF8.GetString(buffer.Written);
    }

    /// <summary>The key under which tags are compared: trimmed, inner white space collapsed, case folded.</summary>
    public static string OfTag(string tag) => Of(MatchKeyKind.Name, tag) ?? "";

    /// <summary>Appends the key's UTF-8 bytes to <paramref name="output"/>; appends nothing for a blank value.</summary>
    internal static void Write(MatchKeyKind kind, ReadOnlySpan<byte> value, ByteBuffer output)
    {
        value = Blank.Trim(value);
        // Most addresses are ASCII, which is in the form, and whose domains are their own Punycode.
        if (kind == MatchKeyKind.Email && Ascii.IsValid(value))
        {
            Ascii.ToLower(value, output.Take(value.Length), out _);
            return;
        }

        value = Nfc.Of(value);
        switch (kind)
        {
            case MatchKeyKind.Exact:
                output.Append(value);
                break;
            case MatchKeyKind.Email:
                var at = value.LastIndexOf((byte)'@') + 1;
                AppendLower(value[..at], output);
                AppendHost(value[at..], output);
                break;
            case MatchKeyKind.Domain:
                AppendHost(HostOf(value), output);
                break;
            case MatchKeyKind.Phone:
                AppendPhone(value, output);
                break;
            case MatchKeyKind.Name:
                AppendFolded(value, output);
                break;
            case MatchKeyKind.Number:
                output.Append(value.Contains((byte)'.') ? value.TrimEnd((byte)'0').TrimEnd((byte)'.') : value);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind of match key.");
        }
    }

    /// <summary>The host of a domain as people write it, without scheme, user, port, path, <c>www.</c> and final dot.</summary>
    internal static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> value)
    {
        value = value[AfterScheme(value)..];
        var end = value.IndexOfAny("/?#"u8);
        if (end >= 0) value = value[..end];
        var user = value.LastIndexOf((byte)'@');
        if (user >= 0) value = value[(user + 1)..];
        var port = value.IndexOf((byte)':');
        if (port >= 0) value = value[..port];
        while (true)
        {
            // www.com is itself a domain, not the www host of another one.
            var rest = Blank.Trim(value).TrimEnd((byte)'.');
            if (rest.Length > 4 && Ascii.EqualsIgnoreCase(rest[..4], "www."u8) && rest[4..].Contains((byte)'.')) rest = rest[4..];
            if (rest.Length == value.Length) return rest;
            value = rest;
        }
    }

    /// <summary>The offset of the host: after <c>://</c>, unless that is part of the path or the query; else 0.</summary>
    internal static int AfterScheme(ReadOnlySpan<byte> value)
    {
        var mark = value.IndexOfAny("/?#:"u8);
        return mark >= 0 && value[mark..].StartsWith("://"u8) ? mark + 3 : 0;
    }

    // A domain of letters beyond ASCII and its Punycode are the same domain; keys have the Punycode.
    private static void AppendHost(ReadOnlySpan<byte> host, ByteBuffer output)
    {
        var start = output.Length;
        AppendLower(host, output);
        if (Ascii.IsValid(host)) return;
        try
        {
            var ascii = Domains.GetAscii(Encoding.UTF8.GetString(output.Written[start..]));
            output.Length = start;
            output.Append(Encoding.UTF8.GetBytes(ascii));
        }
        catch (ArgumentException)
        {
            // It has no Punycode, so it is compared as it is written.
        }
    }

    private static void AppendLower(ReadOnlySpan<byte> value, ByteBuffer output)
    {
        if (Ascii.IsValid(value))
        {
            var target = output.Take(value.Length);
            Ascii.ToLower(value, target, out _);
            return;
        }

        foreach (var rune in Runes(value)) output.Append(Rune.ToLowerInvariant(rune));
    }

    private static void AppendPhone(ReadOnlySpan<byte> value, ByteBuffer output)
    {
        var start = output.Length;
        for (var i = 0; i < value.Length; i++)
        {
            var b = value[i];
            var first = output.Length == start;
            // +49 (0)30: the zero is dialled inside the country only.
            if (b == (byte)'(' && value[i..].StartsWith("(0)"u8) && HasCountry(output.Written[start..]))
            {
                i += 2;
                continue;
            }

            if (b is >= (byte)'0' and <= (byte)'9') output.Append(b);
            else if (b == (byte)'+' && first) output.Append(b);
            else if (b is (byte)'x' or (byte)'X' && !first) output.Append((byte)'x');
        }

        if (output.Length == start + 1 && output.Written[start] == (byte)'+') output.Length = start;
        var digits = output.Written[start..];
        if (digits.Length < MinInternational || digits[0] == '+' || !HasCountry(digits) || digits[2] == '0') return;
        digits[1] = (byte)'+';
        digits[1..].CopyTo(digits);
        output.Length--;
    }

    private static bool HasCountry(ReadOnlySpan<byte> digits) => digits.StartsWith("+"u8) || digits.StartsWith("00"u8);

    // Folds to upper and then to lower case, so that letters with two lower-case forms (Greek sigma) become equal.
    private static void AppendFolded(ReadOnlySpan<byte> value, ByteBuffer output)
    {
        if (Ascii.IsValid(value))
        {
            var start = output.Length;
            var copy = output.Take(value.Length);
            var length = Blank.CollapseAscii(value, copy);
            Ascii.ToLowerInPlace(copy[..length], out _);
            output.Length = start + length;
            return;
        }

        var pendingSpace = false;
        foreach (var rune in Runes(value))
        {
            if (Blank.IsBlank(rune))
            {
                pendingSpace = true;
                continue;
            }

            if (pendingSpace) output.Append((byte)' ');
            pendingSpace = false;
            output.Append(Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)));
        }
    }

    private static RuneEnumerable Runes(ReadOnlySpan<byte> utf8) => new(utf8);

    /// <summary>The scalar values of UTF-8 text. An undecodable byte counts as U+FFFD.</summary>
    private ref struct RuneEnumerable(ReadOnlySpan<byte> utf8)
    {
        private ReadOnlySpan<byte> _rest = utf8;

        public Rune Current { get; private set; }

        public readonly RuneEnumerable GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty) return false;
            if (Rune.DecodeFromUtf8(_rest, out var rune, out var length) != OperationStatus.Done) rune = Rune.ReplacementChar;
            _rest = _rest[Math.Max(length, 1)..];
            Current = rune;
            return true;
        }
    }
}
