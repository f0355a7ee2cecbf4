using System.Globalization;
using Spectre.Console;

namespace Driftwood.Api.Shell;

/// <summary>
/// Results go to standard output; notes on progress and failures go to standard error.
/// Control characters are written only where a person watches: not into pipes, files and continuous integration.
/// </summary>
internal sealed class Terminal
{
    /// <summary>A pipe has no width; wide enough for an error row, narrow enough for a log viewer.</summary>
    private const int PlainWidth = 160;

    private const char Replacement = '\uFFFD';

    private readonly TextReader _input = Console.In;
    private readonly TextWriter _output;
    private readonly TextWriter _notes = Console.Error;

    public Terminal()
        : this(
            Console.Out,
            !Console.IsOutputRedirected && !Console.IsInputRedirected
                && Environment.GetEnvironmentVariable("CI") is null or "" or "false"
                && Environment.GetEnvironmentVariable("TERM") is not "dumb")
    {
    }

    private Terminal(TextWriter output, bool isInteractive)
    {
        (_output, IsInteractive) = (output, isInteractive);
        Screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
            // The default enrichers turn colours on wherever they recognise a CI system.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        if (!IsInteractive) Screen.Profile.Width = PlainWidth;
    }

    /// <summary>A person watches, and can answer.</summary>
    public bool IsInteractive { get; }

    /// <summary>Standard output, for what is drawn.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>The same with all on standard error, for a command whose standard output is read by a program.</summary>
    public Terminal OnNotes() => new(_notes, isInteractive: false);

    /// <summary>A line of what was asked for.</summary>
    public void Say(string line = "") => _output.WriteLine(line);

    /// <summary>A line about what is being done, or why it cannot be.</summary>
    public void Note(string line) => _notes.WriteLine(line);

    /// <summary>Rows under headings, wrapped to the terminal.</summary>
    public void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var heading in headings) table.AddColumn(new TableColumn(new Text(heading)));
        // Ids are copied from it.
        table.Columns[0].NoWrap();
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(Printable(cell))));
        Screen.Write(table);
    }

    /// <summary>Asks for a yes; Enter alone is a no.</summary>
    public bool Ask(string question)
    {
        _output.Write($"{question} [y/N] ");
        return _input.ReadLine()?.Trim().ToUpperInvariant() is "Y" or "YES";
    }

    /// <summary>A number as people read it: 1,234,567.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Text of others without what a terminal would obey; line breaks become blanks.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, static (printable, source) =>
    {
        for (var i = 0; i < source.Length; i++)
        {
            printable[i] = source[i] is '\r' or '\n' or '\t' ? ' '
                : char.IsControl(source[i]) ? Replacement
                : source[i];
        }
    });
}
