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
        var command = new Command("import", "Imports a CSV file, a workbook or JSON into a running service and watches it to its end.")
        {
            new HelpOption { Action = new HelpWithNotes(ExitCodes) },
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(context, options, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ImportOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        var terminal = context.Terminal;
        var agreed = parsed.GetValue(options.Yes);
        if (!agreed && !terminal.IsInteractive)
            throw new CommandFailure("Nobody is here to agree to the mapping: give --yes to import with it.");
        using var api = options.Service.Open(context, parsed);
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
