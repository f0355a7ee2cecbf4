using System.Globalization;
using System.Text;
using System.Text.Json;
using Driftwood.Engine.Records.Cells;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Json;

/// <summary>Writes values of JSON as the text of cells.</summary>
internal static class JsonCell
{
    /// <summary>A number with more digits than this in full stays as it is written.</summary>
    private const int MaxDigits = 100;

    private static readonly CellFormat OfFile = new() { IsFile = true };

    /// <summary>A scalar: text, a number with its digits as they are written, a boolean as a word. Null is null.</summary>
    /// <exception cref="InvalidOperationException">The text is no Unicode: half of a surrogate pair is missing.</exception>
    public static string? Scalar(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString(),
        JsonTokenType.Number => Number(Encoding.ASCII.GetString(reader.ValueSpan)),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        _ => null,
    };

    /// <summary>Adds a value to a cell of several, as tags are read: a value that holds a separator stands in quotes.</summary>
    public static void Append(StringBuilder list, string value)
    {
        if (list.Length > 0) list.Append(',');
        var isPlain = value.AsSpan().IndexOfAny(",;|\"") < 0 && !value.Contains(":::", StringComparison.Ordinal);
        if (isPlain) list.Append(value);
        else list.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }

    /// <summary>
    /// The text in the form in which an import reads it back as it is. Other programs write a number as <c>="0150"</c> or <c>'0150</c>
    /// and mean 0150; here these are texts.
    /// </summary>
    public static string Kept(string text)
    {
        if (Blank.Trim(text) is not ['=' or '\'', ..]) return text;
        var utf8 = Encoding.UTF8.GetBytes(text);
        var isKept = CellText.Bare(utf8, isDate: false, OfFile).SequenceEqual(Blank.Trim(utf8));
        return isKept ? text : $"=\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>A number without an exponent, and without the loss of a digit.</summary>
    internal static string Number(string written)
    {
        var at = written.AsSpan().IndexOfAny('e', 'E');
        if (at < 0) return written;
        var isNegative = written[0] == '-';
        var mantissa = written.AsSpan(isNegative ? 1 : 0, at - (isNegative ? 1 : 0));
        var point = mantissa.IndexOf('.');
        var digits = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        if (!int.TryParse(written.AsSpan(at + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent)
            || Math.Abs((long)exponent) + digits.Length > MaxDigits) return written;
        var whole = (point < 0 ? mantissa.Length : point) + exponent;
        if (whole <= 0) (digits, whole) = (new string('0', 1 - whole) + digits, 1);
        if (whole > digits.Length) digits = digits.PadRight(whole, '0');
        var before = digits[..whole].TrimStart('0');
        var after = digits[whole..];
        return $"{(isNegative ? "-" : "")}{(before.Length == 0 ? "0" : before)}{(after.Length == 0 ? "" : "." + after)}";
    }
}
