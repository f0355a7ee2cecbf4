using System.Globalization;
using System.Text.RegularExpressions;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Engine.Records.Types;

/// <summary>The names of autonumbered records: text with one number, padded with zeros, such as <c>TICKET-{0000}</c>.</summary>
public sealed partial class AutonumberPattern
{
    /// <summary>Maximum characters in a pattern.</summary>
    public const int MaxLength = 100;

    private readonly string _before;
    private readonly string _after;
    private readonly int _digits;

    private AutonumberPattern(string text, Match number)
    {
        Text = text;
        _before = text[..number.Index];
        _after = text[(number.Index + number.Length)..];
        _digits = number.Length - 2;
    }

    /// <summary>The pattern as the caller gave it.</summary>
    public string Text { get; }

    /// <summary>
    /// Null if the text is not a pattern: it needs exactly one run of zeros in braces, and no other brace or line break.
    /// </summary>
    public static AutonumberPattern? Parse(string text)
    {
        text = Nfc.Of(text);
        if (text.Length is 0 or > MaxLength || text.Any(char.IsControl) || !Blank.IsWellFormed(text)) return null;
        var numbers = Number().Matches(text);
        return numbers.Count == 1 && text.Count(c => c is '{' or '}') == 2
            ? new AutonumberPattern(text.Trim(), Number().Match(text.Trim()))
            : null;
    }

    /// <summary>The name of a record. A number with more digits than the pattern is not cut.</summary>
    /// <param name="number">From 1.</param>
    public string Name(long number) => _before + number.ToString(CultureInfo.InvariantCulture).PadLeft(_digits, '0') + _after;

    [GeneratedRegex(@"\{0{1,18}\}")]
    private static partial Regex Number();
}
