using System.CommandLine;
using Driftwood.Api.Client;
using Driftwood.Api.Platform.Requests;
using Driftwood.Engine.Files;

namespace Driftwood.Api.Commands;

/// <summary>The part of the command line of import that says how the file is read, where it is not detected as it should be.</summary>
internal sealed class FileFormOptions
{
    private readonly Option<string?> _encoding = new("--encoding")
    {
        Description = "Encoding of the file, such as utf-8, windows-1250 or shift_jis (default: detected).",
        HelpName = "name",
    };

    private readonly Option<string?> _delimiter = new("--delimiter")
    {
        Description = "What separates cells: one character, or tab (default: detected).",
        HelpName = "character",
    };

    private readonly Option<int?> _headerRow = new("--header-row")
    {
        Description = "Number of the record that names the columns, from 1, blank lines counted (default: detected).",
        HelpName = "number",
    };

    private readonly Option<bool> _noHeader = new("--no-header")
    {
        Description = "The first record is data; the columns are called Column 1, Column 2, … (default: detected).",
    };

    private readonly Option<string?> _raggedRows = new("--ragged-rows")
    {
        Description = "How rows with fewer cells than the header are treated: pad adds blank cells, fail fails them (default pad).",
    };

    private readonly Option<string?> _escape = new("--escape")
    {
        Description = "What escapes a quote inside a quoted cell: another quote or a backslash (default: detected).",
        HelpName = "character",
    };

    private readonly Option<string?> _quote = new("--quote")
    {
        Description = "The sign around quoted cells: a double quote or a single one (default: detected).",
        HelpName = "character",
    };

    private readonly Option<string?> _sheet = new("--sheet")
    {
        Description = "Sheet of a workbook: its name, or its number from 1 (default: the first one that is not hidden).",
        HelpName = "sheet",
    };

    public FileFormOptions()
    {
        _raggedRows.AcceptOnlyFromAmong(WireJson.Words<RaggedRows>());
        _escape.AcceptOnlyFromAmong("\"", "\\");
        _quote.AcceptOnlyFromAmong("\"", "'");
    }

    public void AddTo(Command command)
    {
        Option[] options = [_encoding, _delimiter, _headerRow, _noHeader, _raggedRows, _escape, _quote, _sheet];
        foreach (var option in options) command.Add(option);
    }

    public FileForm Read(ParseResult parsed) => new(
        parsed.GetValue(_encoding),
        parsed.GetValue(_delimiter) is "tab" ? "\t" : parsed.GetValue(_delimiter),
        parsed.GetValue(_noHeader) ? false : null,
        parsed.GetValue(_headerRow),
        parsed.GetValue(_raggedRows),
        parsed.GetValue(_escape),
        parsed.GetValue(_quote),
        parsed.GetValue(_sheet));
}
