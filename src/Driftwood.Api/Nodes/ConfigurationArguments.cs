using Driftwood.Api.Shell;

namespace Driftwood.Api.Nodes;

/// <summary>
/// Settings given on the command line, <c>--Section:Key=value</c> or <c>--Section:Key value</c>, apart from options and
/// arguments. Only the sections that exist: a misspelt one stays an unknown option, and an error.
/// </summary>
internal static class ConfigurationArguments
{
    private static readonly string[] Sections = ["ConnectionStrings", "Driftwood", "Kestrel", "Logging"];

    /// <returns>The settings, each as <c>--Section:Key=value</c>, and what is left.</returns>
    /// <exception cref="CommandFailure">A setting has no value.</exception>
    public static (string[] Settings, string[] Others) Split(string[] args)
    {
        List<string> settings = [];
        List<string> rest = [];
        for (var i = 0; i < args.Length; i++)
        {
            if (IsEmptySection(args[i]))
                continue;
            if (!IsSetting(args[i]))
                rest.Add(args[i]);
            else if (args[i].Contains('=', StringComparison.Ordinal))
                settings.Add(args[i]);
            else if (i + 1 < args.Length)
                settings.Add($"{args[i]}={args[++i]}");
            else
                throw new CommandFailure($"{args[i]} has no value.");
        }

        return ([.. settings], [.. rest]);
    }

    private static bool IsSetting(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal)
        && argument.IndexOf(':', StringComparison.Ordinal) is > 2 and var colon
        && Sections.Contains(argument[2..colon], StringComparer.OrdinalIgnoreCase);

    // Hosts that pass their whole configuration on, as the test server does, name the sections by themselves too.
    private static bool IsEmptySection(string argument) =>
        argument.StartsWith("--", StringComparison.Ordinal) && argument.EndsWith('=')
        && Sections.Contains(argument[2..^1], StringComparer.OrdinalIgnoreCase);
}
