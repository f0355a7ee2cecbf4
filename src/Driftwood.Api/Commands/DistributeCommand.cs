using System.CommandLine;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;
using Driftwood.Data;

namespace Driftwood.Api.Commands;

internal static class DistributeCommand
{
    private const string Missing = "Imports, bulk jobs, undo and maintenance do not run on a distributed database yet";

    public static Command Create(CommandContext context)
    {
        var withoutJobs = new Option<bool>("--without-jobs") { Description = "Required: says that no jobs need to run there." };
        var command = new Command("distribute", $"Spreads the accounts over the nodes of a Citus cluster. {Missing}.") { withoutJobs };
        command.SetAction((parsed, cancellationToken) => RunAsync(context, parsed.GetValue(withoutJobs), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, bool withoutJobs, CancellationToken cancellationToken)
    {
        if (!withoutJobs) throw new CommandFailure($"{Missing}; with --without-jobs it is distributed all the same.");
        var configuration = context.NewBuilder().Configuration;
        var directory = new DataDirectory(CommandContext.ReadOptions(configuration).DataDirectory);
        await using var database = await NodeDatabase.OpenAsync(
            configuration, directory, mayMigrate: true, context.Terminal, cancellationToken);
        var sessions = database.Route.Sessions
            ?? throw new CommandFailure("Set ConnectionStrings:DriftwoodDirect to a connection to the coordinator itself.");
        try
        {
            await Distribution.RunAsync(sessions, context.Terminal.Say, cancellationToken);
        }
        catch (DistributionException e)
        {
            throw new CommandFailure(e.Message, e);
        }

        context.Terminal.Note($"{Missing}.");
        return 0;
    }
}
