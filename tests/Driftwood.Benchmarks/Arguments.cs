using System.CommandLine;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>Options that several benchmarks share.</summary>
internal static class Arguments
{
    public static Option<int> Rows(int usual, int least = 1) =>
        Number("--rows", "Rows of the file, or contacts of the account.", usual, least);

    public static Option<int> Lanes() => Number("--lanes", "Lanes of Driftwood's imports; 0: as it decides itself.", usual: 0, least: 0);

    public static Option<int> Number(string name, string description, int usual, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} must be {least} or more.");
        });
        return option;
    }

    /// <summary>The rows of several files, in ascending order, separated by commas.</summary>
    public static Option<int[]> Sizes(params int[] usual) => new("--rows")
    {
        Description = "Rows of the files, ascending, with commas between them.",
        HelpName = "n,n,…",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            List<int> sizes = [];
            foreach (var text in result.Tokens.SelectMany(token => token.Value.Split(',')))
            {
                if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) || rows <= sizes.LastOrDefault())
                {
                    result.AddError($"--rows must be numbers from 1, ascending, with commas between them; found '{text}'.");
                    return null;
                }

                sizes.Add(rows);
            }

            return [.. sizes];
        },
    };
}
