using System.Text;
using CsvHelper;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;

namespace Driftwood.Tests.Engine.Files.Csv;

public sealed class FailedRowsCsvTests(ITestOutputHelper output)
{
    private static readonly CsvFormat Semicolons = new() { Encoding = "utf-8", Delimiter = ';', ColumnCount = 2 };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1 555 0100", "'+1 555 0100")]
    [InlineData("-5", "'-5")]
    [InlineData("@home", "'@home")]
    [InlineData("'-5", "''-5")]
    [InlineData("''=x", "'''=x")]
    [InlineData("\tx", "'\tx")]
    [InlineData("'s-Hertogenbosch", "'s-Hertogenbosch")]
    [InlineData("'", "'")]
    [InlineData("5-3", "5-3")]
    [InlineData("", "")]
    public async Task A_cell_that_begins_like_a_formula_has_an_apostrophe_before_it(string cell, string written) =>
        Assert.Equal(
            $"a,b,_row,_code,_message\r\n{written},x,7,invalid_email,Not one.\r\n",
            await WriteAsync(["a", "b"], Semicolons, (cell + ";x", "invalid_email")));

    [Fact]
    public async Task It_is_rfc_4180_with_a_byte_order_mark()
    {
        using var stream = new MemoryStream();
        await using (var csv = new FailedRowsCsv(stream, ["a", "b"]))
        {
            await csv.WriteHeaderAsync(CancellationToken);
            await csv.WriteAsync(
                1, "invalid_email", "Not \"one\".", ["two\nlines, ü"u8.ToArray(), "say \"so\""u8.ToArray()], CancellationToken);
        }

        Assert.Equal([0xEF, 0xBB, 0xBF], stream.ToArray()[..3]);
        Assert.Equal(
            "a,b,_row,_code,_message\r\n\"two\nlines, ü\",\"say \"\"so\"\"\",1,invalid_email,\"Not \"\"one\"\".\"\r\n",
                Encoding.UTF8.GetString(stream.ToArray()[3..]));
    }

    [Theory]
    [InlineData("a;\"b", "unclosed_quote", "\"a;\"\"b\",,", "")]
    [InlineData("a;b;c", "wrong_column_count", "a,b,", ",c")]
    [InlineData("a;b;=c;d", "wrong_column_count", "a,b,", ",'=c,d")]
    [InlineData("a", "wrong_column_count", "a,,", "")]
    [InlineData("=a;", "wrong_column_count", "'=a,,", "")]
    [InlineData("a;\"b\"x", "invalid_email", "a,\"\"\"b\"\"x\",", "")]
    [InlineData("a;\"b \"x\" c\"", "invalid_email", "a,\"b \"\"x\"\" c\",", "")]
    [InlineData("sep=;", "wrong_column_count", "sep=,,", "")]
    public async Task A_row_of_any_width_stands_in_its_columns_and_surplus_cells_come_last(
        string raw, string code, string cells, string surplus) =>
        Assert.Equal(
            $"a,b,_row,_code,_message\r\n{cells}7,{code},Not one.{surplus}\r\n",
            await WriteAsync(["a", "b"], Semicolons, (raw, code)));

    [Fact]
    public async Task A_row_that_was_cut_is_text_in_the_first_column()
    {
        var raw = "a;" + new string('x', FileLimits.MaxRawBytes - 2);
        Assert.Contains($"\r\n{raw},,7,", await WriteAsync(["a", "b"], Semicolons, (raw, "invalid_email")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_text_is_shown()
    {
        using var stream = new MemoryStream();
        await using (var csv = new FailedRowsCsv(stream, ["a", "b"]))
        {
            await csv.WriteAsync(
                1, "invalid_characters", "Not text.", [[.. "M"u8, 0xFC, .. "ller"u8], "\0"u8.ToArray()], CancellationToken);
        }

        Assert.Equal("\uFEFFM\uFFFDller,\uFFFD,1,invalid_characters,Not text.\r\n", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Our_columns_are_called_otherwise_where_the_file_has_such_names()
    {
        var text = await WriteAsync(["_row", "=x", "_row (2)"], Semicolons);
        Assert.Equal("_row,'=x,_row (2),_row (3),_code,_message\r\n", text);
    }

    [Fact]
    public async Task Every_cell_comes_back_as_it_was_round_after_round()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        const string alphabet = "'''=+-@\t\r\n,;\"ab \u00E9";
        string Cell() => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => alphabet[random.Next(alphabet.Length)]));
        string[] headers = [.. Enumerable.Range(0, 4).Select(i => Cell().Trim() + i)];
        string[][] cells = [.. Enumerable.Range(0, 500).Select(_ => headers.Select(_ => Cell()).ToArray())];
        (string, string)[] rows = [.. cells.Select(row => (string.Join(';', row.Select(Quoted)), "invalid_email"))];

        var first = await WriteAsync(headers, Semicolons, rows);
        var (preview, read) = await ReadAsync(first);
        Assert.Equal([.. headers, "_row", "_code", "_message"], preview.Headers);
        Assert.Equal(cells.Select(row => string.Join('|', row)), read.Select(row => string.Join('|', row.Values)));

        var (_, again) = await ReadAsync(
            await WriteAsync([.. preview.Headers], preview.Format, [.. read.Select(row => (row.Raw, "invalid_email"))]));
        Assert.Equal(cells.Select(row => string.Join('|', row)), again.Select(row => string.Join('|', row.Values)));
    }

    [Fact]
    public async Task Other_files_keep_their_apostrophes()
    {
        var (preview, rows) = await ReadAsync("'=a,_row,_code\n'+1,'-2,'=3\n");
        Assert.False(preview.Format.IsFailedRows);
        Assert.Equal("'=a", preview.Headers[0]);
        Assert.Equal(["'+1", "'-2", "'=3"], Assert.Single(preview.SampleRows));
        Assert.Equal("'+1,'-2,'=3", Assert.Single(rows).Raw);
    }

    private static string Quoted(string cell) => '"' + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    private static async Task<string> WriteAsync(string[] headers, FileFormat format, params (string Raw, string Code)[] rows)
    {
        using var stream = new MemoryStream();
        await using (var csv = new FailedRowsCsv(stream, headers))
        {
            await csv.WriteHeaderAsync(CancellationToken);
            var whole = format with { ColumnCount = headers.Length };
            foreach (var (raw, code) in rows)
            {
                await csv.WriteAsync(7, code, "Not one.", whole.KeepCells(Encoding.UTF8.GetBytes(raw), code), CancellationToken);
            }

        }

        return Encoding.UTF8.GetString(stream.ToArray())[1..];
    }

    /// <summary>
    /// Reads the file as an import does. Returns its preview, and the first four cells of each row with the raw row.
    /// </summary>
    private static async Task<(FilePreview Preview, List<(string[] Values, string Raw)> Rows)> ReadAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var preview = await FilePreview.ReadAsync(
            _ => Task.FromResult<Stream>(new MemoryStream(bytes)), new FileOverrides(Delimiter: ','), names: null,
            markers: null, CancellationToken);
        await using var rows = await preview.Format.OpenRowsAsync(
            _ => Task.FromResult<Stream>(new MemoryStream(bytes)), CancellationToken);
        List<(string[], string)> read = [];
        while (await rows.ReadAsync(CancellationToken))
        {
            Assert.Null(rows.Fault);
            read.Add(
                ([.. Enumerable.Range(0, Math.Min(4, rows.FieldCount)).Select(i => Encoding.UTF8.GetString(rows[i]))],
                Encoding.UTF8.GetString(rows.Raw)));
        }

        return (preview, read);
    }
}
