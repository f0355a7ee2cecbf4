using System.CommandLine;
using System.CommandLine.Invocation;
using Driftwood.Api.Nodes;
using Driftwood.Api.Shell;
using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.Api.Commands;

/// <summary>The commands. Each ends with an exit code, and with one sentence where it failed.</summary>
internal static class CommandLine
{
    private const string Description =
        """
        Driftwood, bulk data for a CRM. Without a command it serves.

        Settings are read from the environment (Driftwood__DataDirectory, ConnectionStrings__Driftwood, …), from
        appsettings.json, and from the command line: --Driftwood:DataDirectory=… works with every command.
        """;

    /// <param name="build">Puts a node together, for the commands that need one.</param>
    /// <returns>The exit code: 0, 1 for a failure that was named, 130 after Ctrl-C, or the command's own.</returns>
    public static async Task<int> RunAsync(string[] args, BuildNode build)
    {
        var terminal = new Terminal();
        using var stop = new StopSignal();
        try
        {
            return await InvokeAsync(args, terminal, build, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (
            e is CommandFailure or LocalPostgresException or NpgsqlException or IOException or UnauthorizedAccessException)
        {
            terminal.Note(Explain(e));
            return ExitCodes.Failed;
        }
    }

    private static Task<int> InvokeAsync(string[] args, Terminal terminal, BuildNode build, CancellationToken cancellationToken)
    {
        var (settings, rest) = ConfigurationArguments.Split(args);
        var parsed = Root(new CommandContext(settings, terminal, build))
            .Parse(rest, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (parsed.Action is ParseErrorAction error) error.ShowHelp = false;
        return parsed.InvokeAsync(
            // Its own handling of signals would end the process two seconds after the first.
            new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
            cancellationToken);
    }

    private static RootCommand Root(CommandContext context)
    {
        var root = new RootCommand(Description)
        {
            ServeCommand.Create(context),
            DemoCommand.Create(context),
            ImportCommand.Create(context),
            UndoCommand.Create(context),
            VerifyCommand.Create(context),
            AccountsCommand.Create(context),
            TokensCommand.Create(context),
            MigrateCommand.Create(context),
            DistributeCommand.Create(context),
        };
        HostOptionSet.AddTo(root);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(context, parsed, cancellationToken));
        return root;
    }

    /// <summary>An expected failure as one sentence. Any other failure is shown with its stack trace.</summary>
    private static string Explain(Exception expected) => expected switch
    {
        PostgresException refused => $"The database refused: {refused.MessageText} ({refused.SqlState})",
        NpgsqlException => $"The database cannot be reached: {expected.Message}",
        _ => expected.Message,
    };
}
