using System.Globalization;
using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Files.Preview;

/// <summary>What encloses cells: double quotes, single quotes, or quotes around each line.</summary>
public sealed class FoundQuoteTests
{
    [Theory]
    [InlineData("'Last Name','City'\n'Hale','a, b'\n", "Hale|a, b", "single_quotes 1 2")]
    [InlineData("Last Name,City\n'Hale','a, b'\n'Berg','Oslo'\n", "Hale|a, b/Berg|Oslo", "single_quotes 2 2")]
    [InlineData("'Last Name';'City'\n'O''Hara';'''s-Hertogenbosch'\n", "O'Hara|'s-Hertogenbosch", "single_quotes 1 2")]
    [InlineData("'Last Name','Born'\n'O\\'Hara',1988\n'Hale',NULL\n", "O'Hara|1988/Hale|NULL", "backslash_escapes 2 1,single_quotes 1 3")]
    [InlineData("'Last Name','City'\n'O'Hara','Oslo'\n'Hale','Rome'\n", "O'Hara|Oslo/Hale|Rome", "single_quotes 1 3,stray_quotes 2 1")]
    [InlineData("'Last Name','Note'\n'Hale','two\nlines, \"x\"'\n", "Hale|two\nlines, \"x\"", "single_quotes 1 2")]
    [InlineData(
        "'Name','City','Note'\n'Hale','Oslo','a'\n'Berg',O'Hara,'b'\n'Dahl','Rome','c'\n'Lund','Bonn','d'\n",
        "Hale|Oslo|a/Berg|O'Hara|b/Dahl|Rome|c/Lund|Bonn|d", "single_quotes 1 5")]
    public async Task Single_quotes_that_enclose_nearly_all_text_are_no_part_of_it(string text, string rows, string warnings)
    {
        var preview = await ReadAsync(text);

        Assert.Equal(("'", rows, warnings), (preview.Format.Describe().Quote, Rows(preview), Warnings(preview)));
    }

    [Theory]
    [InlineData("Last Name,City\nO'Hara,'s-Hertogenbosch\nd'Arc,'t Harde\n", "O'Hara|'s-Hertogenbosch/d'Arc|'t Harde")]
    [InlineData("Last Name,Nickname\nHale,'Tom'\nBerg,'Ida'\n", "Hale|'Tom'/Berg|'Ida'")]
    [InlineData("\"Last Name\",\"City\"\n\"'Hale'\",\"'Oslo'\"\n", "'Hale'|'Oslo'")]
    [InlineData("Zip,Phone\n'0150,'+4721000001\n'0151,'+4721000002\n", "'0150|'+4721000001/'0151|'+4721000002")]
    [InlineData("Name,City\nO'Hara,Oslo\n'T,O'\n", "O'Hara|Oslo/'T|O'")]
    public async Task Apostrophes_stay(string text, string rows)
    {
        var preview = await ReadAsync(text);

        Assert.Equal(("\"", rows, ""), (preview.Format.Describe().Quote, Rows(preview), Warnings(preview)));
    }

    [Fact]
    public async Task A_bare_apostrophe_among_single_quotes_fails_its_row_and_loses_nothing()
    {
        var rows = string.Concat(Enumerable.Range(0, 10).Select(n => $"'Hale {n}','{n}'\n"));

        var preview = await ReadAsync($"'Last Name','Zip'\n't Hart,2\n{rows}");

        Assert.Equal(11, preview.TotalRows);
        Assert.Equal("single_quotes 1 11,unclosed_quote 2 1", Warnings(preview));
    }

    [Theory]
    [InlineData("\"First,Last,City\"\n\"Ida,Berg,Oslo\"\n", "Ida|Berg|Oslo", "wrapped_lines 1 2")]
    [InlineData("\"First,City\"\r\n\"Ida,\"\"Oslo, Norway\"\"\"\r\n\"Tom,Leeds\"\r\n", "Ida|Oslo, Norway/Tom|Leeds", "wrapped_lines 1 3")]
    [InlineData("\"First;City\"\n\"Ida;Oslo\"\n\n\"Tom;Leeds\"", "Ida|Oslo/Tom|Leeds", "wrapped_lines 1 3")]
    [InlineData("\"First,Note\"\n\"Ida,\"\"say \"\"\"\"hi\"\"\"\"\"\"\"\n", "Ida|say \"hi\"", "wrapped_lines 1 2")]
    [InlineData("\"Place\"\n\"Oslo, Norway\"\n\"Rome, Italy\"\n", "Oslo, Norway/Rome, Italy", "")]
    [InlineData("\"Name\"\n\"Ida\"\n\"Tom\"\n", "Ida/Tom", "")]
    [InlineData("\"a,b\"\n\"1,2\"\n\"1,2,3\"\n\"1\"\n", "1,2/1,2,3/1", "wrapped_lines 1 4")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"\n", "1|2", "")]
    public async Task Quotes_around_whole_lines_are_left_out_where_the_lines_then_make_a_table(string text, string rows, string warnings)
    {
        var preview = await ReadAsync(text);

        Assert.Equal((rows, warnings), (Rows(preview), Warnings(preview)));
    }

    [Theory]
    [InlineData("'Name','City'\n'Hale','Oslo'\n", '"', "'Hale'|'Oslo'")]
    [InlineData("\"First,City\"\n\"Ida,Oslo\"\n", '"', "Ida,Oslo")]
    [InlineData("Name,City\nHale,'a, b'\n", '\'', "Hale|a, b")]
    public async Task The_caller_says_what_encloses_cells(string text, char quote, string rows) =>
        Assert.Equal(rows, Rows(await ReadAsync(text, quote)));

    [Fact]
    public async Task Lines_in_quotes_are_read_to_the_end_of_a_long_file()
    {
        var text = new StringBuilder("\"Email,Note\"\n");
        for (var i = 0; i < 20_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"p{i}@example.com,\"\"a, \"\"\"\"b\"\"\"\"\"\"\"\n");
        }

        var preview = await ReadAsync(text.ToString());

        Assert.Equal(20_000, preview.TotalRows);
        Assert.Equal(["p0@example.com", "a, \"b\""], preview.SampleRows[0]);
        Assert.Equal(["wrapped_lines"], preview.Warnings.Select(warning => warning.Code));
    }

    private static string Rows(FilePreview preview) => string.Join('/', preview.SampleRows.Select(row => string.Join('|', row)));

    private static string Warnings(FilePreview preview) => string.Join(
        ',', preview.Warnings.Select(warning => $"{warning.Code} {warning.Line} {warning.Count}").Order(StringComparer.Ordinal));

    private static Task<FilePreview> ReadAsync(string text, char? quote = null) => FilePreview.ReadAsync(
        _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))),
        new FileOverrides(Quote: quote),
        cells => MappingSuggester.Suggest(RecordTypes.Contacts, cells, []).Count(column => column.Confidence >= 0.8),
        TestContext.Current.CancellationToken);
}
