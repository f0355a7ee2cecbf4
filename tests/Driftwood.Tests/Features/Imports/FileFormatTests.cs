using System.IO.Compression;
using System.Net;
using System.Text;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Imports the same two people from files of every format.</summary>
public sealed class FileFormatTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private const string Text = "email,first_name,city\njuergen@example.com,Jürgen,\"Köln, Süd\"\nzoe@example.com,Zoë,Århus\n";

    /// <summary>A file's name and its <c>detected</c> values: encoding, delimiter, line ending, compression, byte order mark.</summary>
    public static TheoryData<string, string> Files => new()
    {
        { "utf-8", "utf-8 , lf none false" },
        { "utf-8 with mark", "utf-8 , lf none true" },
        { "utf-16le", "utf-16le , lf none true" },
        { "utf-16be", "utf-16be , lf none true" },
        { "utf-16le without mark", "utf-16le , lf none false" },
        { "utf-16be without mark", "utf-16be , lf none false" },
        { "windows-1252", "windows-1252 , lf none false" },
        { "gzip", "utf-8 , lf gzip false" },
        { "gzip of utf-16le", "utf-16le , lf gzip true" },
        { "semicolon", "utf-8 ; lf none false" },
        { "tab", "utf-8 \t lf none false" },
        { "pipe", "utf-8 | lf none false" },
        { "sep line", "utf-8 ; crlf none false" },
        { "sep line, utf-16le", "utf-16le ; lf none true" },
        { "cr", "utf-8 , cr none false" },
        { "crlf", "utf-8 , crlf none false" },
        { "mixed", "utf-8 , mixed none false" },
        { "no final break", "utf-8 , lf none false" },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Every_format_is_found_and_read(string name, string detected)
    {
        using var client = await app.CreateClientAsync();
        var completed = (await client.UploadAsync(FileOf(name))).Result;
        var preview = completed.GetProperty("preview");
        var found = preview.GetProperty("detected");
        Assert.Equal(
            detected,
            string.Join(
            ' ', new[] { "encoding", "delimiter", "line_ending", "compression", "has_bom" }.Select(member => found.Text(member))));
        Assert.Equal("""["email","first_name","city"]""", preview.Text("headers"));
        Assert.Equal("""[["juergen@example.com","Jürgen","Köln, Süd"],["zoe@example.com","Zoë","Århus"]]""", preview.Text("sample_rows"));
        string[] expected = name == "windows-1252" ? ["encoding_guessed"] : [];
        Assert.Equal(expected, preview.GetProperty("warnings").EnumerateArray().Select(warning => warning.Text("code")));

        var id = completed.GetProperty("job").Id();
        _ = (await client.ConfirmAsync(id, "email,first_name,city")).Result;
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(
            ["juergen@example.com|Jürgen|Köln, Süd", "zoe@example.com|Zoë|Århus"],
            (await client.RecordsAsync()).Select(c => $"{c.Text("email")}|{c.Text("first_name")}|{c.Text("city")}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Overrides_hold_and_the_last_completion_counts()
    {
        using var client = await app.CreateClientAsync();
        var completed = (
            await client.UploadAsync(
            "email;first_name|x\na@example.com;Ann|y\nb@example.com;Bob|z\n"u8.ToArray(), overrides: new { delimiter = "|" })).Result;
        var id = completed.GetProperty("job").Id();
        Assert.Equal("""["email;first_name","x"]""", completed.GetProperty("preview").Text("headers"));

        var headless = (
            await client.PostAsync("imports-complete-upload", new { id, delimiter = ";", has_header = false })).Result.GetProperty(
            "preview");
        Assert.Equal("""["Column 1","Column 2"]""", headless.Text("headers"));
        Assert.Equal(3, headless.GetProperty("total_rows").GetInt32());
        Assert.False(headless.GetProperty("detected").GetProperty("has_header").GetBoolean());

        var last = (await client.PostAsync("imports-complete-upload", new { id, delimiter = ";" })).Result;
        Assert.Equal("""["email","first_name|x"]""", last.GetProperty("preview").Text("headers"));
        Assert.Equal(2, last.GetProperty("job").GetProperty("total_rows").GetInt32());
        _ = (await client.PostAsync(
            "imports-confirm", $$$"""{"id":"{{{id}}}","column_mapping":{"email":"email","first_name|x":"first_name"}}""")).Result;
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
        Assert.Equal(["Ann|y", "Bob|z"], (await client.RecordsAsync()).Select(contact => contact.Text("first_name")).Order());
        (await client.PostAsync("imports-complete-upload", new { id, delimiter = "," })).Expect(HttpStatusCode.Conflict, "invalid_state");
    }

    [Fact]
    public async Task A_file_without_header_is_imported_from_its_first_line()
    {
        using var client = await app.CreateClientAsync();
        var completed = (
            await client.UploadAsync("a@example.com,Ann\nb@example.com,Bob\n"u8.ToArray(), overrides: new { has_header = false })).Result;
        var id = completed.GetProperty("job").Id();
        Assert.Equal("{}", completed.GetProperty("preview").Text("suggested_mapping"));
        _ = (await client.PostAsync(
            "imports-confirm", $$$"""{"id":"{{{id}}}","column_mapping":{"Column 1":"email","Column 2":"first_name"}}""")).Result;
        Assert.Equal("completed 2: 2/0/0/0", (await client.FinishAsync(id)).Outcome());
    }

    [Fact]
    public async Task An_encoding_can_be_said_where_the_bytes_do_not_show_it()
    {
        using var client = await app.CreateClientAsync();
        var completed = (
            await client.UploadAsync(
            [.. "email,first_name\na@example.com,"u8, 0xC3, 0xBC, (byte)'\n'], overrides: new { encoding = "windows-1252" })).Result;
        Assert.Equal("""[["a@example.com","Ã¼"]]""", completed.GetProperty("preview").Text("sample_rows"));
    }

    [Theory]
    [InlineData("sep=\r\nemail\r\na@example.com\r\n")]
    [InlineData("sep=\"\nemail\na@example.com\n")]
    public async Task A_separator_line_that_names_none_is_no_separator_line(string csv)
    {
        using var client = await app.CreateClientAsync();

        var preview = (await client.UploadAsync(Encoding.UTF8.GetBytes(csv))).Result.GetProperty("preview");

        Assert.StartsWith("sep=", preview.GetProperty("headers")[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Odd_headers_are_named_and_warned_of()
    {
        using var client = await app.CreateClientAsync();
        var preview = (await client.UploadAsync("Email,,Email, phone \na@example.com,x,y,z\n"u8.ToArray())).Result.GetProperty("preview");
        Assert.Equal("""["Email","Column 2","Email (2)","phone"]""", preview.Text("headers"));
        Assert.Equal(
            ["empty_header 1", "duplicate_header 1"],
            preview.GetProperty("warnings").EnumerateArray().Select(warning => $"{warning.Text("code")} {warning.Text("line")}"));
    }

    [Fact]
    public async Task Every_new_name_of_a_column_is_told()
    {
        using var client = await app.CreateClientAsync();
        var preview = (await client.UploadAsync("Email,,Email,,Email\na@example.com,x,y,z,w\n"u8.ToArray())).Result.GetProperty("preview");
        Assert.Equal("""["Email","Column 2","Email (2)","Column 4","Email (3)"]""", preview.Text("headers"));
        var warnings = preview.GetProperty("warnings").EnumerateArray().ToDictionary(w => w.Text("code")!, w => w.Text("message")!);
        Assert.All(["Column 2", "Column 4"], name => Assert.Contains(name, warnings["empty_header"], StringComparison.Ordinal));
        Assert.All(["Email (2)", "Email (3)"], name => Assert.Contains(name, warnings["duplicate_header"], StringComparison.Ordinal));
    }

    private static byte[] FileOf(string name) => name switch
    {
        "utf-8" => Encoding.UTF8.GetBytes(Text),
        "utf-8 with mark" => [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Text)],
        "utf-16le" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)],
        "utf-16be" => [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(Text)],
        "utf-16le without mark" => Encoding.Unicode.GetBytes(Text),
        "utf-16be without mark" => Encoding.BigEndianUnicode.GetBytes(Text),
        "windows-1252" => Encoding.Latin1.GetBytes(Text),
        "gzip" => Gzip(Encoding.UTF8.GetBytes(Text)),
        "gzip of utf-16le" => Gzip([0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Text)]),
        "semicolon" => Encoding.UTF8.GetBytes(Separated(";")),
        "tab" => Encoding.UTF8.GetBytes(Separated("\t")),
        "pipe" => Encoding.UTF8.GetBytes(Separated("|")),
        "sep line" => Encoding.UTF8.GetBytes("sep=;\r\n" + Separated(";").Replace("\n", "\r\n", StringComparison.Ordinal)),
        "sep line, utf-16le" => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("sep=;\n" + Separated(";"))],
        "cr" => Encoding.UTF8.GetBytes(Text.Replace('\n', '\r')),
        "crlf" => Encoding.UTF8.GetBytes(Text.Replace("\n", "\r\n", StringComparison.Ordinal)),
        "mixed" => Encoding.UTF8.GetBytes(Text.Replace("Süd\"\n", "Süd\"\r\n", StringComparison.Ordinal)),
        _ => Encoding.UTF8.GetBytes(Text.TrimEnd()),
    };

    private static string Separated(string separator) => Text.Replace("Köln, Süd", "\0", StringComparison.Ordinal)
        .Replace(",", separator, StringComparison.Ordinal).Replace("\0", "Köln, Süd", StringComparison.Ordinal);

    private static byte[] Gzip(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest)) gzip.Write(bytes);
        return output.ToArray();
    }
}
