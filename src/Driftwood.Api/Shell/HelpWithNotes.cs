using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Driftwood.Api.Shell;

/// <summary>A command's help with notes below it, which a description would carry into every list of commands.</summary>
internal sealed class HelpWithNotes(string notes) : SynchronousCommandLineAction
{
    private readonly HelpAction _help = new();

    public override bool Terminating => true;

    public override int Invoke(ParseResult parseResult)
    {
        var exitCode = _help.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(notes);
        return exitCode;
    }
}
