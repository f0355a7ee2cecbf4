using System.CommandLine;

namespace Driftwood.Benchmarks;

/// <summary>Options that benchmarks have in common.</summary>
internal static class Arguments
{
    public static Option<int> Rows(int usual, int least = 1) => Number("--rows", "Rows of the file, or contacts of the account.", usual, least);

    public static Option<int> Number(string name, string description, int usual, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "n" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} must be {least} or more.");
        });
        return option;
    }
}
