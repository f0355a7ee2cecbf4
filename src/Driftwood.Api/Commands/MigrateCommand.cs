using System.CommandLine;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

internal static class MigrateCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command("migrate", "Makes the database where it is missing, brings it to this build's schema, and ends.");
        command.SetAction((_, cancellationToken) => RunAsync(context, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var configuration = context.NewBuilder().Configuration;
        var directory = new DataDirectory(CommandContext.ReadOptions(configuration).DataDirectory);
        await using var database = await NodeDatabase.OpenAsync(
            configuration, directory, mayMigrate: true, context.Terminal, cancellationToken);
        context.Terminal.Say("The database has this build's schema.");
        return 0;
    }
}
