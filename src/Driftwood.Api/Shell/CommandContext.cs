using Driftwood.Api.Platform.Hosting;
using Driftwood.Data;

namespace Driftwood.Api.Shell;

/// <summary>Puts a node together; its database is there and migrated.</summary>
internal delegate WebApplication BuildNode(WebApplicationBuilder builder, DatabaseRoute database);

/// <summary>The things that every command is given.</summary>
/// <param name="Settings">Configuration from the command line, each <c>--Section:Key=value</c>.</param>
internal sealed record CommandContext(string[] Settings, Terminal Terminal, BuildNode Build)
{
    /// <summary>The configuration as a node reads it: files, environment, command line.</summary>
    public WebApplicationBuilder NewBuilder(params IEnumerable<string> further) =>
        WebApplication.CreateBuilder([.. Settings, .. further]);

    /// <exception cref="CommandFailure">A setting does not exist or is not of its kind.</exception>
    public static DriftwoodOptions ReadOptions(IConfiguration configuration)
    {
        try
        {
            return configuration.GetSection(DriftwoodOptions.Section)
                .Get<DriftwoodOptions>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new DriftwoodOptions();
        }
        catch (InvalidOperationException e)
        {
            throw new CommandFailure($"A setting under {DriftwoodOptions.Section} cannot be read: {e.Message}", e);
        }
    }
}
