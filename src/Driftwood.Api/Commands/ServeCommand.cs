using System.CommandLine;
using Driftwood.Api.Nodes;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>A node until it is stopped: what every node runs, and what no verb means.</summary>
internal static class ServeCommand
{
    public static Command Create(CommandContext context)
    {
        var command = new Command(
            "serve", "Runs a node (the default). Without ConnectionStrings:Driftwood it starts a PostgreSQL of its own.");
        HostOptionSet.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(context, parsed, cancellationToken));
        return command;
    }

    public static async Task<int> RunAsync(CommandContext context, ParseResult parsed, CancellationToken cancellationToken)
    {
        var builder = context.NewBuilder(HostOptionSet.Read(parsed));
        await using var node = await Node.StartAsync(
            context, builder, makeAccount: false, level => level >= LogLevel.Information, cancellationToken);
        Announce(node, context.Terminal);
        await node.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Prints the addresses of the node and the place of the token.</summary>
    public static void Announce(Node node, Terminal terminal)
    {
        if (node.Address is not { } address) return;
        terminal.Say();
        if (node.Options.Role == Role.Worker)
        {
            terminal.Say($"A worker is up; {address}readyz tells how it is. Ctrl-C stops it.");
            return;
        }

        var directory = new DataDirectory(node.Options.DataDirectory);
        terminal.Say("Driftwood is up. Ctrl-C stops it.");
        terminal.Say($"  API      {address}api");
        terminal.Say($"  Swagger  {address}swagger");
        terminal.Say(File.Exists(directory.TokenFile)
            ? $"  Token    in {DataDirectory.Shown(directory.TokenFile)}"
            : "  Token    none kept here: tokens create makes one, accounts create an account");
        terminal.Say();
    }
}
