using System.Text;
using Driftwood.Engine.Records.Text;

namespace Driftwood.Engine.Files.Preview;

/// <summary>Makes a column's name of the header's cell.</summary>
internal static class HeaderText
{
    /// <summary>
    /// The name without white space around it and without characters that nobody sees. Blanks that do not break a line are plain blanks, so
    /// that a name is found as people type it. Line breaks inside a name stay.
    /// </summary>
    public static string Clean(string cell)
    {
        var name = new StringBuilder(cell.Length);
        foreach (var letter in cell)
        {
            if (letter == '\0') name.Append('\uFFFD');
            else if (char.GetUnicodeCategory(letter) == System.Globalization.UnicodeCategory.SpaceSeparator) name.Append(' ');
            else if (letter is not ('\uFEFF' or '\u200B' or '\u2060')) name.Append(letter);
        }

        return Blank.Trim(name.ToString());
    }
}
