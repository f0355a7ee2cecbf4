using System.CommandLine;
using System.CommandLine.Parsing;
using Driftwood.Api.Client;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>The options of the commands that call a running service.</summary>
internal sealed class ServiceOptions
{
    public const string TokenVariable = "DRIFTWOOD_TOKEN";

    public Option<Uri?> Url { get; } = new("--url")
    {
        Description = "The service.",
        HelpName = "address",
        DefaultValueFactory = _ => new Uri("http://localhost:5000"),
        CustomParser = result => ReadAddress(result),
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description =
            "Bearer token. Better in DRIFTWOOD_TOKEN, where other users of the machine do not see it (default: that, else the one kept in "
            + "the data directory).",
    };

    /// <summary>Null when it is not set.</summary>
    public static string? TokenFromEnvironment =>
        Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token ? token : null;

    /// <summary>The one given, else the environment's, else the one kept in the data directory.</summary>
    /// <exception cref="CommandFailure">There is neither.</exception>
    public static string FindToken(string? given, DataDirectory directory) =>
        given
        ?? TokenFromEnvironment
        ?? directory.ReadToken()
        ?? throw new CommandFailure(
            $"No token: {TokenVariable} is not set, and none is kept in {DataDirectory.Shown(directory.TokenFile)}. "
            + "tokens create makes one, accounts create an account with one.");

    /// <summary>A client of the service that the options name.</summary>
    /// <exception cref="CommandFailure">There is no token.</exception>
    public PublicApi Open(CommandContext context, ParseResult parsed)
    {
        var directory = new DataDirectory(CommandContext.ReadOptions(context.NewBuilder().Configuration).DataDirectory);
        return new PublicApi(parsed.GetRequiredValue(Url)!, FindToken(parsed.GetValue(Token), directory));
    }

    private static Uri? ReadAddress(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") return address;
        result.AddError($"--url {result.Tokens[0].Value}: expected an address such as http://localhost:5000");
        return null;
    }
}
