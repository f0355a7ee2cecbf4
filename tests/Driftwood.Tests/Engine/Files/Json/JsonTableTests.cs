using System.IO.Compression;
using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Json;

namespace Driftwood.Tests.Engine.Files.Json;

/// <summary>What the members of objects are as cells, and which rows and files are refused.</summary>
public sealed class JsonTableTests
{
    /// <summary>A record of the largest size, and a reading.</summary>
    private const int MaxBuffer = 4 << 20;

    [Theory]
    [InlineData("\"00123\"", "00123")]
    [InlineData("12345678901234567", "12345678901234567")]
    [InlineData("1.50", "1.50")]
    [InlineData("-0.10", "-0.10")]
    [InlineData("1e5", "100000")]
    [InlineData("-1.25E-3", "-0.00125")]
    [InlineData("1.5e+1", "15")]
    [InlineData("12.345e1", "123.45")]
    [InlineData("0e3", "0")]
    [InlineData("1e999", "1e999")]
    [InlineData("true", "true")]
    [InlineData("false", "false")]
    [InlineData("null", "")]
    [InlineData("\"\"", "")]
    [InlineData("\"NULL\"", "NULL")]
    [InlineData("\"=1+1\"", "=1+1")]
    [InlineData("\"'0150\"", "=\"'0150\"")]
    [InlineData("\"=\\\"7\\\"\"", "=\"=\"\"7\"\"\"")]
    [InlineData("\"say \\\"hi\\\", \\u00e9\\n\"", "say \"hi\", é\n")]
    [InlineData("[]", "")]
    [InlineData("{}", "")]
    [InlineData("[\"VIP\", null, 3, true]", "VIP,3,true")]
    [InlineData("[\"Berlin, Germany\", \"a;b\", \"5\\\" pipe\"]", "\"Berlin, Germany\",\"a;b\",\"5\"\" pipe\"")]
    [InlineData("[{\"a\": 1}]", "[{\"a\": 1}]")]
    [InlineData("[[1, 2], 3]", "[[1, 2], 3]")]
    public async Task A_member_is_a_cell(string value, string cell)
    {
        var line = $"{{\"before\": \"b\", \"value\": {value}, \"after\": \"a\"}}";
        foreach (var file in new[] { line, line + "\r\n", $"[{line}]", $" [\n{line}\n,{line} ]\n" })
        {
            var read = await JsonFile.ReadAsync(file);
            Assert.Equal(["before", "value", "after"], read.Headers);
            Assert.All(read.Cells, cells => Assert.Equal(["b", cell, "a"], cells));
        }
    }

    [Fact]
    public async Task Members_of_objects_are_columns_in_the_order_of_their_appearance()
    {
        var read = await JsonFile.ReadAsync(
            """
            {"email": "a@x.com", "company": null}
            {"company": {"domain": "x.com", "address": {"city": "Oslo"}}, "note": null}

            {"company.domain": "y.com", "email": "b@x.com"}
            {"last": 1, "a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}
            """);
        Assert.Equal(["email", "company.domain", "company.address.city", "note", "last", "a.b.c.d.e.f.g.h"], read.Headers);
        Assert.Equal(
            ["1: a@x.com|||||", "2: |x.com|Oslo|||", "4: b@x.com|y.com||||", "5: ||||1|{\"i\": 1}"], read.Rows);
        Assert.Equal(("nested_values", 5L), (read.Preview.Warnings.Single().Code, read.Preview.Warnings.Single().Line));
    }

    [Fact]
    public async Task A_line_that_is_no_object_fails_alone()
    {
        var deep = string.Concat(Enumerable.Repeat("[", 10_000)) + string.Concat(Enumerable.Repeat("]", 10_000));
        var read = await JsonFile.ReadAsync(string.Join('\n',
            "{\"email\": \"a@x.com\"}",
            "{\"email\": \"b@x.com\", \"other\"",
            "[1, 2]",
            "\"text, with \\\"quotes\\\"\"",
            "{\"email\": \"c@x.com\", \"email\": \"d@x.com\"}",
            "{\"email\": \"\\ud800\"}",
            "{\"email\": \"e@x.com\"} {}",
            $"{{\"deep\": {deep}}}",
            $"{{\"{new string('n', 2_000)}\": 1}}",
            $"{{\"email\": \"{new string('x', FileLimits.MaxRecordBytes)}\"}}",
            "{\"email\": \"f@x.com\"}"));
        Assert.Equal(["email"], read.Headers);
        string[] codes =
        [
            "broken_json", "wrong_type", "wrong_type", "duplicate_member", "invalid_characters", "broken_json", "too_deep", "too_long",
            "record_too_large",
        ];
        Assert.Equal(codes, read.Rows[1..^1].Select(row => row.Split(' ')[1].TrimEnd(':')));
        Assert.Equal(Enumerable.Range(1, 11), read.Rows.Select(row => int.Parse(row.Split([':', '!'])[0])));
        Assert.Equal("4! wrong_type: \"text, with \\\"quotes\\\"\"", read.Rows[3]);
        Assert.Equal("11: f@x.com", read.Rows[^1]);
    }

    [Fact]
    public async Task The_beginning_of_a_long_broken_line_is_kept()
    {
        var read = await JsonFile.ReadAsync("{\"a\": 1}\n" + string.Concat(Enumerable.Repeat("\"é", 100_000)));
        Assert.StartsWith("2! broken_json: \"é\"é", read.Rows[1], StringComparison.Ordinal);
        Assert.True(Encoding.UTF8.GetByteCount(read.Rows[1]) is > 40_000 and < FileLimits.MaxRawBytes);
        Assert.EndsWith("\"é", read.Rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_of_an_array_have_the_lines_on_which_they_begin()
    {
        var read = await JsonFile.ReadAsync("\n[ {\"a\":\n \"x\"}, {\"a\": \"]}\\\"\"},\n\n  7, {\n\"a\": [\"y\\\\\"]}\n]\n\n");
        Assert.Equal(["2: x", "3: ]}\"", "5! wrong_type: 7", "5: y\\"], read.Rows);
    }

    [Theory]
    [InlineData("utf-8", true)]
    [InlineData("utf-16le", true)]
    [InlineData("utf-16be", true)]
    [InlineData("utf-16le", false)]
    public async Task Encodings_and_compression_are_found(string name, bool hasMark)
    {
        Encoding encoding = name == "utf-8" ? new UTF8Encoding(true) : new UnicodeEncoding(name == "utf-16be", true);
        byte[] file = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes("{\"name\": \"Zoë\"}\r\n{\"name\": \"Åse\"}\r\n")];
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync(file, TestContext.Current.CancellationToken);
        foreach (var (bytes, compression) in new[] { (file, "none"), (packed.ToArray(), "gzip") })
        {
            var read = await JsonFile.ReadAsync(bytes);
            Assert.Equal(["1: Zoë", "2: Åse"], read.Rows);
            var format = read.Preview.Format.Describe();
            Assert.Equal((name, hasMark, compression, "crlf"), (format.Encoding, format.HasBom, format.Compression, format.LineEnding));
        }
    }

    [Fact]
    public async Task A_guessed_encoding_is_noted_and_may_be_given()
    {
        var file = Encoding.Latin1.GetBytes("{\"name\": \"Zoë\"}\n");
        Assert.Contains((await JsonFile.ReadAsync(file)).Preview.Warnings, warning => warning.Code == "encoding_guessed");
        var read = await JsonFile.ReadAsync(file, new FileOverrides(Encoding: "iso-8859-1"));
        Assert.Equal(["1: Zoë"], read.Rows);
        Assert.Empty(read.Preview.Warnings);
    }

    [Theory]
    [InlineData("email,city\na@x.com,Oslo\n")]
    [InlineData("[Email],[Name]\na@x.com,Ida\n")]
    [InlineData("<html></html>")]
    public async Task What_is_no_json_is_left_to_others(string text)
    {
        using var output = new MemoryStream();
        Assert.Null(await JsonFile.TableAsync(
            _ => Task.FromResult<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))), output, new FileOverrides(), 1000));
        Assert.Equal(0, output.Length);
    }

    [Theory]
    [InlineData("[{\"a\": 1},\n{\"a\": 2]", "broken_json", "line 2")]
    [InlineData("[{\"a\": 1},\n{\"a\": 2", "broken_json", "cut off")]
    [InlineData("[{\"a\": 1}\n{\"a\": 2}]", "broken_json", "line 2")]
    [InlineData("[{\"a\": 1},\n]", "broken_json", "line 2")]
    [InlineData("[{\"a\": 1}]\n\n{}", "broken_json", "line 3")]
    [InlineData("[{\"a\": nul}]", "broken_json", "line 1")]
    [InlineData("[{\"a\": 1}", "broken_json", "cut off")]
    [InlineData("{\n  \"contacts\": [\n    {\"a\": 1}\n  ]\n}\n", "broken_json", "several lines")]
    [InlineData("{\"a\": 1\n{\"a\": 2\n", "broken_json", "line 1")]
    [InlineData("[1, 2, 3]", "broken_json", "line 1")]
    [InlineData("[]", "no_rows", "no objects")]
    [InlineData("{}\n{}", "no_rows", "no members")]
    public async Task A_broken_file_is_refused_with_its_line(string text, string code, string part)
    {
        var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => JsonFile.ReadAsync(text));
        Assert.Equal(code, refused.Code);
        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Hostile => new()
    {
        { "a string without end", "broken_json" },
        { "a string without end in an array", "broken_json" },
        { "objects without members", "no_rows" },
        { "brackets without end", "broken_json" },
        { "a million different members", "too_many_columns" },
        { "50,000 members of an object", "too_many_columns" },
        { "sparse objects", "too_large" },
        { "a packed bomb", "no_rows" },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task A_hostile_file_is_refused_with_bounded_memory(string name, string code)
    {
        var most = 0;
        var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => JsonFile.TableAsync(
            _ => Task.FromResult(FileOf(name, asked => most = Math.Max(most, asked))), Stream.Null, new FileOverrides(), 8 << 20));
        Assert.Equal(code, refused.Code);
        Assert.True(most <= MaxBuffer, $"{most}");
    }

    [Fact]
    public async Task A_string_of_half_a_gigabyte_fails_its_row_only()
    {
        var most = 0;
        var file = new RepeatedText("{\"a\": 1}\n{\"a\": \"", new string('x', 1 << 16), 1 << 13, "\"}\n{\"a\": 2}\n",
            asked => most = Math.Max(most, asked));
        using var output = new MemoryStream();
        var table = await JsonFile.TableAsync(_ => Task.FromResult<Stream>(file.Again()), output, new FileOverrides(), 8 << 20);
        Assert.NotNull(table);
        Assert.Equal(4, Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(most <= MaxBuffer, $"{most}");
    }

    private static Stream FileOf(string name, Action<int> asked) => name switch
    {
        "a string without end" => new RepeatedText("{\"a\": \"", new string('x', 1 << 16), 1 << 10, "", asked),
        "a string without end in an array" => new RepeatedText("[{\"a\": \"", new string('x', 1 << 16), 1 << 10, "", asked),
        "objects without members" => new RepeatedText("[{}", ",{}", 100_000, "]", asked),
        "brackets without end" => new RepeatedText("", new string('[', 1_000), 10_000, "", asked),
        "a million different members" => new RepeatedText("", n => $"{{\"m{n}\": 1}}\n", 1_000_000, "", asked),
        "50,000 members of an object" => new RepeatedText("{\"a\": 1", n => $",\"m{n:x}\":1", 50_000, "}", asked),
        "sparse objects" => new RepeatedText(
            "{" + string.Join(',', Enumerable.Range(0, 1_000).Select(n => $"\"m{n}\": 1")) + "}\n",
            string.Concat(Enumerable.Repeat("{\"m999\":1}\n", 100)),
            1_000,
            "",
            asked),
        _ => Packed(),
    };

    private static MemoryStream Packed()
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            new RepeatedText("[{}", ",{}" + new string(' ', 1 << 16), 4_000, "]").CopyTo(gzip);
        packed.Position = 0;
        return packed;
    }
}
