using System.Text;

namespace Driftwood.Api.Platform.Requests;

/// <summary>
/// PostgreSQL refuses NUL, and a lone surrogate is no text at all; in valid UTF-8 both can only hide in escapes.
/// </summary>
internal static class StorableText
{
    /// <summary>Describes what in a raw JSON string cannot be stored; null when all of it can.</summary>
    /// <param name="raw">The bytes in the body: escapes not undone, UTF-8 already checked.</param>
    public static string? FirstFault(ReadOnlySpan<byte> raw)
    {
        var highSurrogate = false;
        for (var i = raw.IndexOf((byte)'\\'); i >= 0 && i < raw.Length; i++)
        {
            var escape = raw[i] == '\\' ? raw[i + 1] : (byte)0;
            var unit = escape == 'u' ? Convert.ToInt32(Encoding.ASCII.GetString(raw.Slice(i + 2, 4)), 16) : -1;
            var low = unit is >= 0xDC00 and <= 0xDFFF;
            if (unit == 0)
                return "a NUL (\\u0000)";
            if (low != highSurrogate)
                return "half a surrogate pair";
            highSurrogate = unit is >= 0xD800 and <= 0xDBFF;
            i += escape == 'u' ? 5 : escape == 0 ? 0 : 1;
        }

        return highSurrogate ? "half a surrogate pair" : null;
    }
}
