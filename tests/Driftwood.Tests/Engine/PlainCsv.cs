using System.Text;

namespace Driftwood.Tests.Engine;

/// <summary>Reads RFC 4180 as its grammar stands, and nothing else: a witness that shares no code with the product.</summary>
internal static class PlainCsv
{
    public static List<string[]> Read(string text)
    {
        List<string[]> lines = [];
        List<string> cells = [];
        var cell = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"' && cell.Length == 0)
            {
                i = ReadQuoted(text, i + 1, cell);
            }
            else if (text[i] == ',')
            {
                cells.Add(Take(cell));
            }
            else if (text[i] == '\r' && text[i + 1] == '\n')
            {
                cells.Add(Take(cell));
                lines.Add([.. cells]);
                cells.Clear();
                i++;
            }
            else
            {
                Assert.DoesNotContain(text[i], "\"\r\n");
                cell.Append(text[i]);
            }
        }

        Assert.Empty(cells);
        Assert.Equal(0, cell.Length);
        return lines;
    }

    /// <summary>A cell of a receipt or a file of failed rows, without the apostrophe that keeps it from being a formula.</summary>
    public static string Unguarded(string cell) =>
        cell.StartsWith('\'') && cell.TrimStart('\'') is [('=' or '+' or '-' or '@' or '\t' or '\r' or '\n'), ..] ? cell[1..] : cell;

    private static int ReadQuoted(string text, int start, StringBuilder cell)
    {
        for (var i = start; ; i++)
        {
            if (text[i] != '"')
            {
                cell.Append(text[i]);
                continue;
            }

            if (i + 1 == text.Length || text[i + 1] != '"') return i;
            cell.Append('"');
            i++;
        }
    }

    private static string Take(StringBuilder cell)
    {
        var taken = cell.ToString();
        cell.Clear();
        return taken;
    }
}
