using System.CommandLine;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;
using Driftwood.Data;

namespace Driftwood.Api.Commands;

internal static class DistributeCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("distribute", "Spreads the accounts over the nodes of a Citus cluster. Stop Driftwood's nodes first.");
        command.SetAction((_, cancellationToken) => RunAsync(context, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
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

        return 0;
    }
}
