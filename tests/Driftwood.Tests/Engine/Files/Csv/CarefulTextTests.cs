using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Streams;

namespace Driftwood.Tests.Engine.Files.Csv;

/// <summary>Text that CsvHelper does not read as people do, and that it is read at all in bounded time and memory.</summary>
public sealed class CarefulTextTests
{
    private static readonly CsvFormat Comma = new() { Encoding = "utf-8", Delimiter = ',', ColumnCount = 3, RaggedRows = RaggedRows.Pad };
    private static readonly CsvFormat Escaped = Comma with { Escape = CsvFormat.Backslash };

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1, \"x, y\",2", "1|x, y|2")]
    [InlineData("1,\t\"x\ny\" ,2", "1|x\ny|2")]
    [InlineData("1,\"the \"best\" shop\",2", "1|the \"best\" shop|2")]
    [InlineData("1,\"he said \"a, b\" and left\",2", "1|he said \"a, b\" and left|2")]
    [InlineData("1,\"a \"\"b\"\" \"c\"\",2", "1|a \"b\" \"c\"|2")]
    [InlineData("1,\"screen 24\"\",2", "1|screen 24\"|2")]
    [InlineData("1,\"x\"y,2", "1|\"x\"y|2")]
    [InlineData("1,5\" pipe,2", "1|5\" pipe|2")]
    [InlineData("1,5\" pipe,\"a\nb\"", "1|5\" pipe|a\nb")]
    [InlineData("1,\"C:\\temp\\\",2", "1|C:\\temp\\|2")]
    [InlineData("1,\"x\"", "1|x")]
    [InlineData("1,x\"", "!wrong_column_count")]
    [InlineData("x", "!wrong_column_count")]
    [InlineData("1,2,3,", "!wrong_column_count")]
    [InlineData("1,\"said \"hi\", then\" left,3", "!wrong_column_count")]
    [InlineData("1,\"open,2", "!unclosed_quote")]
    public async Task No_quote_is_lost_and_none_is_added(string row, string expected) =>
        Assert.Equal([expected, "4|5|6"], await ReadAsync($"{row}\n4,5,6\n", Comma));

    [Theory]
    [InlineData("""1,"the \"best\" shop",2""", "1|the \"best\" shop|2")]
    [InlineData("""1,"C:\\temp\\",2""", "1|C:\\temp\\|2")]
    [InlineData("""1,"C:\temp\new",\N""", "1|C:\\temp\\new|\\N")]
    [InlineData("""1,Oslo\, Norway,2""", "1|Oslo, Norway|2")]
    [InlineData("1,two\\\nlines,\"and\\\r\nmore\"", "1|two\nlines|and\r\nmore")]
    [InlineData("""1,"a ""b"" \"c\"",2""", "1|a \"b\" \"c\"|2")]
    [InlineData("""1,"\\\"\\",2""", "1|\\\"\\|2")]
    [InlineData("""1,"open\",2""", "!unclosed_quote")]
    public async Task Backslashes_escape_quotes_delimiters_line_breaks_and_themselves(string row, string expected) =>
        Assert.Equal([expected, "4|5|6"], await ReadAsync($"{row}\n4,5,6\n", Escaped));

    [Fact]
    public async Task Clean_text_is_read_alike_whether_or_not_something_before_it_was_broken()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage($"seed {seed}");
        var random = new Random(seed);
        string[] pieces = ["x", ",", ",", "\n", "\r\n", "\r", "é", " ", "\"a\"", ",\"b, \"\"c\"\"\"", ",\"d\ne\"", "\"", "  "];
        for (var round = 0; round < 300; round++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(200); i > 0; i--) text.Append(pieces[random.Next(pieces.Length)]);

            var fast = await ReadAsync(text.ToString(), Comma);
            // A quote in the middle of a cell is no fault of the row, but CsvHelper does not go on from there.
            var careful = await ReadAsync("1,2\"3,4\n" + text, Comma);

            Assert.True(fast.SequenceEqual(careful.Skip(1)), $"seed {seed}, round {round}: {text}");
        }
    }

    [Fact]
    public async Task Lines_that_each_open_a_quote_cost_no_more_than_their_bytes()
    {
        var text = new StringBuilder();
        for (var i = 0; i < 300_000; i++) text.Append("\"x\n");
        var watch = System.Diagnostics.Stopwatch.StartNew();

        var rows = await ReadAsync(text.ToString(), Comma);

        Assert.Equal(300_000, rows.Count);
        Assert.All(rows, row => Assert.Equal("!unclosed_quote", row));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(8), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Blank_lines_are_not_held_in_memory()
    {
        await using var rows = await CsvRows.OpenAsync(new BlankLines(300_000_000), Comma, CancellationToken);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(await rows.ReadAsync(CancellationToken));

        // All reads are done by this thread, because the stream never waits. Unoptimised code allocates for each of them.
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 50_000_000, $"{allocated} bytes");
    }

    [Fact]
    public async Task Reading_stops_when_the_caller_has_gone()
    {
        var text = Encoding.UTF8.GetBytes("a,b,c\n" + string.Concat(Enumerable.Repeat("\"x\n", 100_000)));
        using var gone = new CancellationTokenSource();
        Task<Stream> Open(CancellationToken _)
        {
            gone.CancelAfter(1);
            return Task.FromResult<Stream>(new MemoryStream(text));
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await Driftwood.Engine.Files.Preview.FilePreview.ReadAsync(
                    Open, new FileOverrides(), names: null, gone.Token);
            }
        });
    }

    private static async Task<List<string>> ReadAsync(string text, CsvFormat format)
    {
        await using var rows = await CsvRows.OpenAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), format, default);
        List<string> read = [];
        while (await rows.ReadAsync(default))
        {
            var cells = new string[rows.FieldCount];
            for (var i = 0; i < cells.Length; i++) cells[i] = Encoding.UTF8.GetString(rows[i]);
            read.Add(rows.Fault is { } fault ? "!" + fault.Code : string.Join('|', cells));
        }

        return read;
    }

    private sealed class BlankLines(long length) : ReadOnlyStream
    {
        private long _left = length;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, _left);
            Assert.True(buffer.Length < 8_000_000, "The reader wants the whole file at once.");
            buffer[..count].Fill((byte)'\n');
            _left -= count;
            return count;
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));
    }
}
