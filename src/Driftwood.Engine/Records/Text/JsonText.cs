using System.Globalization;
using System.Text.Json;

namespace Driftwood.Engine.Records.Text;

/// <summary>The text of a JSON value as a cell of a file would hold it.</summary>
internal static class JsonText
{
    /// <summary>Maximum digits to which a number is written out; fields accept fewer.</summary>
    private const int MaxExponent = 64;

    /// <summary>The text of a value; null for a JSON null.</summary>
    public static string? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => String(value),
        JsonValueKind.Number => WithoutExponent(value.GetRawText()),
        _ => value.GetRawText(),
    };

    /// <summary>
    /// A string's text. An escaped lone surrogate is valid JSON but not text. NUL, which no field accepts, then replaces the string.
    /// </summary>
    public static string String(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return "\0";
        }
    }

    /// <summary>The form of a single value; null for null, an array or an object.</summary>
    public static LiteralForm? FormOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => LiteralForm.String,
        JsonValueKind.Number => LiteralForm.Number,
        JsonValueKind.True or JsonValueKind.False => LiteralForm.Boolean,
        _ => null,
    };

    public static string KindOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };

    /// <summary>
    /// Writes 1.5e3 as 1500 and 12.0 as 12, digit for digit, because a conversion to a binary or rounded number could change the
    /// digits. A number that is too long to write out stays as it is; no field accepts it.
    /// </summary>
    public static string WithoutExponent(string number)
    {
        var e = number.IndexOfAny(['e', 'E']);
        if (e < 0 && !number.Contains('.')) return number;
        var shift = 0;
        if (e >= 0
            && (!int.TryParse(number.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out shift)
                || Math.Abs(shift) > MaxExponent))
        {
            return number;
        }

        var mantissa = e < 0 ? number : number[..e];
        var sign = mantissa.StartsWith('-') ? "-" : "";
        var point = mantissa.IndexOf('.');
        var fraction = point < 0 ? "" : mantissa[(point + 1)..];
        var whole = (point < 0 ? mantissa : mantissa[..point]).TrimStart('-');
        if (shift > 0)
        {
            (whole, fraction) = (whole + fraction.PadRight(shift, '0')[..shift], fraction.Length > shift ? fraction[shift..] : "");
        }
        else if (shift < 0)
        {
            fraction = whole.PadLeft(-shift, '0')[^-shift..] + fraction;
            whole = whole.Length > -shift ? whole[..^-shift] : "0";
        }

        whole = whole.TrimStart('0');
        return sign + (whole.Length == 0 ? "0" : whole) + (fraction.Trim('0').Length == 0 ? "" : "." + fraction);
    }
}
