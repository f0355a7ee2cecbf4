using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Tests.Engine.Files.Csv;

public sealed class CsvRowsTests
{
    private static readonly CsvFormat Comma = new() { Encoding = "utf-8", Delimiter = ',' };

    [Fact]
    public async Task Quoted_line_breaks_commas_and_quotes_belong_to_the_cell()
    {
        var rows = await ReadAsync("a,b\n1,\"x\ny, \"\"z\"\"\"\r\n2,w\n");

        Assert.Equal(["1@2|1|x\ny, \"z\"", "2@4|2|w"], rows);
    }

    [Fact]
    public async Task Blank_lines_are_not_counted_as_rows_but_as_lines()
    {
        var rows = await ReadAsync("a,b\n\n1,x\n   \n\r\n2,y\n\n");

        Assert.Equal(["1@3|1|x", "2@6|2|y"], rows);
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task Each_line_ending_is_one(string end)
    {
        var rows = await ReadAsync($"a,b{end}1,x{end}2,y");

        Assert.Equal(["1@2|1|x", "2@3|2|y"], rows);
    }

    [Fact]
    public async Task An_unclosed_quote_costs_its_own_line_only()
    {
        var rows = await ReadAsync("a,b\n1,\"open\n2,\"fine\"\n3,\"open again\n4,w\n5,\"q\"\n");

        Assert.Equal(["1@2!unclosed_quote:1,\"open", "2@3|2|fine", "3@4!unclosed_quote:3,\"open again", "4@5|4|w", "5@6|5|q"], rows);
    }

    [Fact]
    public async Task An_unclosed_quote_before_a_great_deal_of_text_costs_its_own_line_only()
    {
        var text = new StringBuilder("a,b\n0,\"open\n");
        for (var i = 1; i <= 100_000; i++) text.Append(i).Append(",some ordinary text here\n");

        var rows = await ReadAsync(text.ToString());

        Assert.Equal(100_001, rows.Count);
        Assert.Equal("1@2!unclosed_quote:0,\"open", rows[0]);
        Assert.Equal("2@3|1|some ordinary text here", rows[1]);
        Assert.Equal("100001@100002|100000|some ordinary text here", rows[^1]);
    }

    [Fact]
    public async Task A_quote_left_open_on_the_last_line_fails_that_line()
    {
        var rows = await ReadAsync("a,b\n1,x\n2,\"y");

        Assert.Equal(["1@2|1|x", "2@3!unclosed_quote:2,\"y"], rows);
    }

    [Fact]
    public async Task A_line_over_the_limit_fails_and_the_next_is_read()
    {
        var rows = await ReadAsync("a,b\n1,x\n2," + new string('y', 3_000_000) + "\n3,z\n");

        Assert.Equal(3, rows.Count);
        Assert.StartsWith("2@3!record_too_large:2,yyy", rows[1], StringComparison.Ordinal);
        Assert.Equal("3@4|3|z", rows[2]);
    }

    [Fact]
    public async Task Ten_million_commas_fail_as_one_row()
    {
        var rows = await ReadAsync("a,b\n" + new string(',', 10_000_000) + "\n3,z\n");

        Assert.Equal(2, rows.Count);
        Assert.StartsWith("1@2!record_too_large:,,,", rows[0], StringComparison.Ordinal);
        Assert.Equal("2@3|3|z", rows[1]);
    }

    [Fact]
    public async Task Too_few_and_too_many_columns_are_faults_trailing_empty_ones_too()
    {
        var rows = await ReadAsync("a,b\n1\n1,2,3\n1,2,,\n");

        Assert.Equal(["1@2!wrong_column_count:1", "2@3!wrong_column_count:1,2,3", "3@4!wrong_column_count:1,2,,"], rows);
    }

    [Fact]
    public async Task A_separator_line_is_passed_over()
    {
        var rows = await ReadAsync("sep=,\na,b\n1,x\n", Comma with { HasSeparatorLine = true });

        Assert.Equal(["1@3|1|x"], rows);
    }

    [Fact]
    public async Task Text_after_a_closing_quote_on_one_line_is_kept_with_its_quotes()
    {
        var rows = await ReadAsync("a,b\n\"x\"y,2\n3,z\n");

        Assert.Equal(["1@2|\"x\"y|2", "2@3|3|z"], rows);
    }

    [Fact]
    public async Task A_file_whose_every_line_breaks_a_quote_is_given_up_before_it_costs_its_square()
    {
        var text = new StringBuilder("a,b\n");
        for (var i = 0; i < 500_000; i++) text.Append("a\",\"b\n");

        var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => ReadAsync(text.ToString()));

        Assert.Equal("broken_quotes", refused.Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task What_is_read_does_not_hang_on_how_the_stream_delivers_it(int atMost)
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        var text = new StringBuilder("a,b\n");
        var pieces = new[] { "x", ",", "\"", "\"\"", "\n", "\r\n", "\r", "é", " ", "1", "," };
        for (var i = 0; i < 3_000; i++) text.Append(pieces[random.Next(pieces.Length)]);

        var whole = await ReadAsync(text.ToString());
        var dripped = await ReadAsync(text.ToString(), null, atMost);

        Assert.True(whole.SequenceEqual(dripped), $"seed {seed}");
    }

    private static async Task<List<string>> ReadAsync(string text, CsvFormat? format = null, int atMost = int.MaxValue)
    {
        var bytes = new MemoryStream(Encoding.UTF8.GetBytes(text));
        await using var rows = await CsvRows.OpenAsync(
            new DrippingStream(bytes, atMost), (format ?? Comma) with { ColumnCount = 2 }, default);
        await rows.SkipHeaderAsync(Comma, default);
        List<string> read = [];
        while (await rows.ReadAsync(default))
        {
            var cells = new string[rows.FieldCount];
            for (var i = 0; i < cells.Length; i++) cells[i] = Encoding.UTF8.GetString(rows[i]);
            read.Add($"{rows.RowNumber}@{rows.LineNumber}" + (rows.Fault is { } fault
                ? $"!{fault.Code}:{Encoding.UTF8.GetString(rows.Raw)}"
                : "|" + string.Join('|', cells)));
        }

        return read;
    }

    private sealed class DrippingStream(Stream stream, int atMost) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => stream.Read(buffer[..Math.Min(buffer.Length, atMost)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            stream.ReadAsync(buffer[..Math.Min(buffer.Length, atMost)], cancellationToken);
    }
}
