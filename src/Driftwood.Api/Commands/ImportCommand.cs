using System.CommandLine;
using System.CommandLine.Help;
using Driftwood.Api.Client;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>Imports a file into a running service, as any client of the public API could.</summary>
internal static class ImportCommand
{
    /// <summary>Completed, but rows failed; 0: every row went in, 1: it was not completed.</summary>
    private const int SomeRowsFailed = 2;

    public const string TokenVariable = "DRIFTWOOD_TOKEN";

    private const string ExitCodes =
        """
        Exit code:
          0    completed: every row went in or was skipped
          1    not completed: refused, failed, cancelled, or no answer
          2    completed, but some rows failed
          (with --dry-run: what the import would end with)
          130  interrupted by Ctrl-C; once confirmed, the import goes on in the service
        """;

    public static Command Create(CommandContext context)
    {
        var options = new ImportOptions();
        var command = new Command("import", "Imports a CSV file into a running service and watches it to its end.")
        {
            new HelpOption { Action = new HelpWithNotes(ExitCodes) },
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(context, options, parsed, cancellationToken));
        return command;
    }

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

    private static async Task<int> RunAsync(
        CommandContext context, ImportOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        var agreed = parsed.GetValue(options.Yes);
        if (!agreed && !terminal.IsInteractive)
            throw new CommandFailure("Nobody is here to agree to the mapping: give --yes to import with it.");
        var directory = new DataDirectory(CommandContext.ReadOptions(context.NewBuilder().Configuration).DataDirectory);
        using var api = new PublicApi(parsed.GetRequiredValue(options.Url)!, FindToken(parsed.GetValue(options.Token), directory));
        var import = await new ImportRun(api, terminal).RunAsync(
            options.Plan(parsed), () => agreed || terminal.Ask("Import with this mapping?"), cancellationToken);
        return import switch
        {
            null => 1,
            { Status: "completed", FailedCount: 0 } => 0,
            { Status: "completed" } => SomeRowsFailed,
            _ => 1,
        };
    }
}
