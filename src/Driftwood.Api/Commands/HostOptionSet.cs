using System.CommandLine;

namespace Driftwood.Api.Commands;

/// <summary>The options of ASP.NET Core that serve and demo pass on.</summary>
internal static class HostOptionSet
{
    private static readonly Option<string>[] Options =
    [
        new("--urls") { Description = "Where to listen, separated by ';' (default http://localhost:5000).", HelpName = "addresses" },
        new("--environment") { Description = "Production (default), Development, …", HelpName = "name" },
        new("--contentRoot") { Description = "Where appsettings.json is (default: the working directory).", HelpName = "directory" },
        // Given by ASP.NET Core's own tools.
        new("--applicationName") { Hidden = true },
        new("--http_ports") { Hidden = true },
        new("--https_ports") { Hidden = true },
    ];

    public static void AddTo(Command command)
    {
        foreach (var option in Options) command.Add(option);
    }

    /// <summary>Those that were given, as configuration.</summary>
    public static IEnumerable<string> Read(ParseResult parsed) =>
        from option in Options
        let value = parsed.GetValue(option)
        where value is not null
        select $"{option.Name}={value}";
}
