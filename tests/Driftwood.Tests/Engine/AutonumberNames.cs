using System.Globalization;
using System.Text.RegularExpressions;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>Reads the numbers in the names of autonumbered records.</summary>
internal static class AutonumberNames
{
    /// <summary>The number in a name; null if the name does not follow the pattern.</summary>
    public static long? NumberOf(AutonumberPattern pattern, string name)
    {
        var zeros = Regex.Match(pattern.Text, @"\{0+\}");
        var digits = (zeros.Length - 2).ToString(CultureInfo.InvariantCulture);
        var number = $@"([0-9]{{{digits}}}|[1-9][0-9]{{{digits},}})";
        var found = Regex.Match(
            name, $"^{Regex.Escape(pattern.Text[..zeros.Index])}{number}{Regex.Escape(pattern.Text[(zeros.Index + zeros.Length)..])}$");
        return found.Success ? long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : null;
    }
}
