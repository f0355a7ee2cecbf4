using System.CommandLine;
using Driftwood.Api.Client;
using Driftwood.Api.Nodes;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Shell;

namespace Driftwood.Api.Commands;

/// <summary>A node that shows what it can do, through its own public API, and then goes on serving.</summary>
internal static class DemoCommand
{
    public static Command Create(CommandContext context)
    {
        var once = new Option<bool>("--once") { Description = "End after the demo instead of serving on." };
        var command = new Command(
            "demo", "Runs a node, imports 2,000 sample contacts, tags, updates and deletes some in bulk, and serves on.") { once };
        HostOptionSet.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(context, parsed, parsed.GetValue(once), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, ParseResult parsed, bool once, CancellationToken cancellationToken)
    {
        var builder = context.NewBuilder(HostOptionSet.Read(parsed));
        // A line a request would stand between the demo's own.
        var quiet = true;
        await using var node = await Node.StartAsync(
            context, builder, makeAccount: true, level => level >= (quiet ? LogLevel.Warning : LogLevel.Information), cancellationToken);
        if (node.Options.Role == Role.Worker || node.Address is not { } address)
            throw new CommandFailure("The demo needs a node that answers HTTP, not one with Driftwood:Role worker.");
        var directory = new DataDirectory(node.Options.DataDirectory);
        using (var api = new PublicApi(address, ServiceOptions.FindToken(given: null, directory)))
            await new Demo(api, context.Terminal).RunAsync(cancellationToken);
        if (once) return 0;
        ServeCommand.Announce(node, context.Terminal);
        ShowCurl(address, directory, context.Terminal);
        quiet = false;
        await node.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>Ready to paste, and yet without the secret: it stays out of scrollbacks and logs.</summary>
    private static void ShowCurl(Uri address, DataDirectory directory, Terminal terminal)
    {
        var token = ServiceOptions.TokenFromEnvironment is not null
            ? $"${ServiceOptions.TokenVariable}"
            : $"$(cat '{DataDirectory.Shown(directory.TokenFile)}')";
        terminal.Say("Try:");
        terminal.Say(
            $"  curl {address}api/contacts-list -H \"Authorization: Bearer {token}\" -H \"Content-Type: application/json\" -d "
            + $"'{{\"limit\": 3}}'");
        terminal.Say();
    }
}
