using System.CommandLine;
using System.CommandLine.Help;
using Driftwood.Api.Client;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>Imports a file into a running service, as any client of the public API could.</summary>
internal static class ImportCommand
{
    public static Command Create(CommandContext context)
    {
        var options = new ImportOptions();
        var command = new Command("import", "Imports a CSV file, a workbook or JSON into a running service and watches it to its end.")
        {
            new HelpOption { Action = new HelpWithNotes(ExitCodes.OfImport) },
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(context, options, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandContext context, ImportOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        var agreed = parsed.GetValue(options.Yes);
        if (!agreed && !context.Terminal.IsInteractive)
            throw new CommandFailure("Nobody is here to agree to the mapping: give --yes to import with it.");
        var isForPrograms = parsed.GetValue(options.Json);
        var terminal = isForPrograms ? context.Terminal.OnNotes() : context.Terminal;
        var plan = await options.PlanAsync(parsed, cancellationToken);
        using var api = options.Service.Open(context, parsed);
        var import = await new ImportRun(api, terminal).RunAsync(
            plan, () => agreed || terminal.Ask("Import with this mapping?"), cancellationToken);
        if (isForPrograms && import is not null)
            context.Terminal.Say((await api.GetImportJsonAsync(import.Id, cancellationToken)).GetRawText());
        return import switch
        {
            { Status: "completed", FailedCount: 0 } => ExitCodes.Done,
            { Status: "completed" } => ExitCodes.SomeFailed,
            _ => ExitCodes.Failed,
        };
    }
}
