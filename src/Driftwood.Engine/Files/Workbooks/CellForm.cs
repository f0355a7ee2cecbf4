namespace Driftwood.Engine.Files.Workbooks;

/// <summary>What a number of a cell stands for, as its number format tells.</summary>
internal enum CellForm
{
    Number,
    Date,
    DateTime,
    Time,
    Elapsed,
}

/// <summary>Reads number formats.</summary>
internal static class CellForms
{
    /// <summary>A format of the workbook's own.</summary>
    public static CellForm Of(string code)
    {
        var (date, time, month) = (false, false, false);
        if (code.StartsWith("General", StringComparison.OrdinalIgnoreCase)) return CellForm.Number;
        for (var i = 0; i < code.Length && code[i] != ';'; i++)
        {
            switch (char.ToLowerInvariant(code[i]))
            {
                case '"':
                    i = EndOf(code, '"', i);
                    break;
                case '[':
                    var end = EndOf(code, ']', i);
                    if (IsElapsed(code[(i + 1)..end])) return CellForm.Elapsed;
                    i = end;
                    break;
                case '\\' or '_' or '*':
                    i++;
                    break;
                case 'e' when i + 1 < code.Length && code[i + 1] is '+' or '-':
                    return CellForm.Number;
                case 'y' or 'd' or 'e':
                    date = true;
                    break;
                case 'h' or 's':
                    time = true;
                    break;
                case 'm':
                    month = true;
                    break;
            }
        }

        return (date, time, month) switch
        {
            (true, true, _) => CellForm.DateTime,
            (false, true, _) => CellForm.Time,
            (true, false, _) or (_, _, true) => CellForm.Date,
            _ => CellForm.Number,
        };
    }

    /// <summary>A format that every spreadsheet knows by its number.</summary>
    public static CellForm OfKnown(int number) => number switch
    {
        (>= 14 and <= 17) or (>= 27 and <= 31) or 36 or (>= 50 and <= 58) => CellForm.Date,
        (>= 18 and <= 21) or (>= 32 and <= 35) or 45 or 47 => CellForm.Time,
        22 => CellForm.DateTime,
        46 => CellForm.Elapsed,
        _ => CellForm.Number,
    };

    private static int EndOf(string code, char sign, int from)
    {
        var end = code.IndexOf(sign, from + 1);
        return end < 0 ? code.Length - 1 : end;
    }

    // One or more of one letter.
    private static bool IsElapsed(string text) =>
        text.Length > 0 && text.ToLowerInvariant().Trim(char.ToLowerInvariant(text[0])).Length == 0 && "hmsHMS".Contains(text[0]);
}
