using System.IO.Compression;
using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Files.Preview;

/// <summary>What is found out about files of many kinds: the table, the delimiter, the escapes, the encoding.</summary>
public sealed class FoundFormatTests
{
    [Theory]
    [InlineData("Email,Name\na@example.com,Ann\n", 1, "Email|Name", 1)]
    [InlineData("\n\nEmail,Name\na@example.com,Ann\n", 3, "Email|Name", 1)]
    [InlineData(",,\n,,\nEmail,Name,City\na@example.com,Ann,Oslo\n", 3, "Email|Name|City", 1)]
    [InlineData("Contacts\nEmail,Name,City\na@example.com,Ann,Oslo\n", 2, "Email|Name|City", 1)]
    [InlineData("\"Contacts, all of them\"\n\nEmail,Name,City\na@example.com,Ann,Oslo\n", 3, "Email|Name|City", 1)]
    [InlineData("Contacts,,\nMade by Sam,,\n,,\nEmail,Name,City\na@example.com,Ann,Oslo\n", 4, "Email|Name|City", 1)]
    [InlineData("Report by Sam, Monday, Oslo\n\nEmail,Name,City\na@example.com,Ann,Oslo\nb@x.io,B,Rome\n", 3, "Email|Name|City", 2)]
    [InlineData("Titel: Kontakte; Stand 1.1.2024\n\nVorname;Nachname;E-Mail;Ort\nIda;Berg;ida@example.com;Oslo\n", 3,
        "Vorname|Nachname|E-Mail|Ort", 1)]
    [InlineData("Contacts\nName,Email\nAnn,a@example.com\n", 2, "Name|Email", 1)]
    [InlineData("Freunde\n\nfoo,bar,baz\nAnn,Berg,Oslo\nBo,Dahl,Rome\n", 3, "foo|bar|baz", 2)]
    [InlineData("foo,bar\nAnn,Berg\nBo,Dahl\n", 1, "foo|bar", 2)]
    [InlineData("Name\nBerg, Ida\nHale, Tom\n", 1, "Name", 2)]
    [InlineData("email\na@example.com\nb@example.com\n", 1, "email", 2)]
    [InlineData("Name,2022,2023\nAnn,5,6\n", 1, "Name|2022|2023", 1)]
    [InlineData("Email\tName\tCity\na@example.com\tAnn\n", 1, "Email|Name|City", 1)]
    [InlineData("List of people\nEmail|Name|City\na@example.com|Ann|Oslo\n", 2, "Email|Name|City", 1)]
    [InlineData("sep=;\nEmail;Name\na@example.com;Ann\n", 2, "Email|Name", 1)]
    [InlineData("Email,Name\na@example.com,Ann\nb@example.com,Bo\n\nEmail,Total\nall@example.com,2\n", 1, "Email|Name", 4)]
    [InlineData("Email,Name,Text\na@example.com,Ann,1,2\nb@example.com,Bo,3,4\n", 1, "Email|Name|Text", 2)]
    public async Task The_header_is_found(string text, int row, string headers, int rows)
    {
        var preview = await ReadAsync(text);

        Assert.Equal((row, headers), (preview.Format.Describe().HeaderRow, string.Join('|', preview.Headers)));
        Assert.Equal(rows, preview.TotalRows);
    }

    [Theory]
    [InlineData("ida@example.com\ntom@example.com\n", 2)]
    [InlineData("Ida,+47 21 00 00 01\nTom,+44 113 496 0001\n", 2)]
    [InlineData("1,Ida,Berg\n2,Tom,Hale\n", 2)]
    [InlineData("Ida,Berg,1988-03-15\nTom,Hale,1990-01-01\n", 2)]
    [InlineData("Ida,https://nordlys.example\nTom,\n", 2)]
    [InlineData("ida@example.com;Ida\n", 1)]
    public async Task A_first_line_of_values_is_data(string text, int rows)
    {
        var preview = await ReadAsync(text);

        Assert.Null(preview.Format.Describe().HeaderRow);
        Assert.Equal(rows, preview.TotalRows);
        Assert.Contains(preview.Warnings, warning => warning.Code == "no_header");
    }

    [Theory]
    [InlineData("Email,ida@example.com\nb@example.com,c@example.com\n")]
    [InlineData("Name,City,1988-03-15\nTom,Leeds,x\n")]
    public async Task A_value_among_names_is_warned_of(string text)
    {
        var preview = await ReadAsync(text);

        Assert.Equal(1, preview.Format.Describe().HeaderRow);
        Assert.Equal(["header_looks_like_data"], preview.Warnings.Select(warning => warning.Code));
    }

    [Theory]
    [InlineData("Name;Amount\nIda;1,50\nTom;2,25\n", ";")]
    [InlineData("Date;Name\nApril 15, 2023;Ida\nApril 9, 2023;Tom\n", ";")]
    [InlineData("Name,Tags\nIda,a;b;c\nTom,a;b;c\n", ",")]
    [InlineData("Last, First;Email;City\nBerg, Ida;a@example.com;Oslo\n", ";")]
    [InlineData("Name|Note\nIda|a, b, c\nTom|d, e, f\n", "|")]
    [InlineData("Name\tNote\nIda\ta, b; c\n", "\t")]
    [InlineData("Name\nIda\nTom\n", ",")]
    [InlineData(
        "Email,Name,City,Notes\na@x.io,Ida,Rome,\"a\n\nb\n\nsaid \\\"hello\\\", then left\"\n"
        + "b@x.io,Tom,Oslo,x|z x|z\nc@x.io,Uma,a|b,x|z\n", ",")]
    [InlineData("\"SEP=|\"\nName|City\nIda|Oslo\n", "|")]
    public async Task The_delimiter_is_the_one_of_the_header(string text, string delimiter) =>
        Assert.Equal(delimiter, (await ReadAsync(text)).Format.Describe().Delimiter);

    [Theory]
    [InlineData("a,b\n\"x \\\"y\\\" z\",1\n", '\\')]
    [InlineData("a,b\nOslo\\, Norway,1\n", '\\')]
    [InlineData("a,b\n\"C:\\temp\\\",1\n", '"')]
    [InlineData("a,b\n\"C:\\temp\\\",1\n\"x \"\"y\"\"\",2\n", '"')]
    [InlineData("a,b\n\"say \"\"hi\"\"\",\\N\n", '"')]
    [InlineData("a,b\nC:\\temp,\\\\server\\share\n", '"')]
    [InlineData("a,b\nC:\\\\temp\\\\docs,1\n", '\\')]
    [InlineData("a,b\n\"C:\\\\temp\\\\\",\\N\n\\\\\\\\server\\\\share,1\n", '\\')]
    [InlineData("a,b\nC:\\\\temp,1\nC:\\docs,2\n", '"')]
    [InlineData("a,b\n\\\\server,1\n", '"')]
    [InlineData("a,b\nfirst \\\\ second,1\n", '"')]
    [InlineData("a,b\n1,C:\\temp\\,more\n2,C:\\temp\\docs\n", '"')]
    [InlineData("a,b\n\"C:\\temp \\\"x\\\", y\",1\n", '\\')]
    public async Task Backslashes_escape_where_they_do_so_consistently(string text, char escape) =>
        Assert.Equal(escape.ToString(), (await ReadAsync(text)).Format.Describe().Escape);

    [Fact]
    public async Task An_escape_far_behind_the_beginning_is_found()
    {
        var text = new StringBuilder("email,company\n");
        for (var i = 0; i < 10_000; i++) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"p{i}@example.com,\"Plain\"\n");
        text.Append("last@example.com,\"The \\\"Best\\\" Shop\"\n");

        var preview = await ReadAsync(text.ToString());

        Assert.Equal("\\", preview.Format.Describe().Escape);
        Assert.Equal(["backslash_escapes 10002 1"], preview.Warnings.Select(warning => $"{warning.Code} {warning.Line} {warning.Count}"));
    }

    [Theory]
    [InlineData("windows-1252", "windows-1252", "Vorname;Nachname;Straße\nJürgen;Müller;Hauptstraße 5\nBärbel;Groß;Königsallee 1\n")]
    [InlineData("windows-1252", "windows-1252", "First,Last,Note\nZoë,Jones,it’s “fine” – €5\n")]
    [InlineData("windows-1250", "windows-1250", "Imię;Nazwisko;Miasto\nŁukasz;Wiśniewski;Gdańsk\nMałgorzata;Wójcik;Łódź\n")]
    [InlineData("windows-1251", "windows-1251", "Имя;Фамилия\nИрина;Соколова\nАлексей;Иванов\n")]
    [InlineData("windows-1254", "windows-1254", "Ad;Soyad;Şehir\nŞükrü;Yıldız;İstanbul\nGülşen;Çağlar;Eskişehir\n")]
    [InlineData("koi8-r", "koi8-r", "Имя;Фамилия\nИрина;Соколова\nАлексей;Иванов\n")]
    [InlineData("macintosh", "macintosh", "Vorname;Nachname;Straße\nJürgen;Müller;Hauptstraße 5\nBärbel;Groß;Königsallee 1\n")]
    [InlineData("ibm850", "ibm850", "Vorname;Nachname;Straße\nJürgen;Müller;Hauptstraße 5\nBärbel;Groß;Königsallee 1\n")]
    [InlineData("shift_jis", "shift_jis", "名前,会社,メール\n山田太郎,株式会社テスト,a@example.com\n鈴木花子,東京商事,b@example.com\n")]
    [InlineData("euc-jp", "euc-jp", "名前,会社,メール\n山田太郎,株式会社テスト,a@example.com\n鈴木花子,東京商事,b@example.com\n")]
    [InlineData("gb18030", "gb18030", "姓名,公司,邮箱\n王伟,北京科技有限公司,a@example.com\n李娜,上海贸易公司,b@example.com\n")]
    [InlineData("big5", "big5", "姓名,公司,信箱\n王大明,台北科技有限公司,a@example.com\n陳小美,高雄貿易公司,b@example.com\n")]
    [InlineData("euc-kr", "euc-kr", "이름,회사,메일\n김철수,한국상사,a@example.com\n이영희,서울무역,b@example.com\n")]
    public async Task A_code_page_is_guessed_and_said_to_be_a_guess(string written, string found, string text)
    {
        var bytes = Encoding.GetEncoding(written).GetBytes(text);

        var preview = await ReadAsync(bytes);

        var format = preview.Format.Describe();
        Assert.Equal(found, format.Encoding);
        Assert.InRange(format.Certainty!.Value, 0.1, 0.99);
        Assert.Equal(0, format.Undecodable);
        Assert.Equal(["encoding_guessed"], preview.Warnings.Select(warning => warning.Code));
        var lines = text.TrimEnd('\n').Split('\n');
        Assert.Equal(lines[0], string.Join(format.Delimiter, preview.Headers));
        Assert.Equal(lines[1..], preview.SampleRows.Select(row => string.Join(format.Delimiter, row)));
        Assert.Contains(preview.Warnings[0].Message.Split("Words concerned: ")[1].Split([',', '.'])[0], text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16le", false)]
    [InlineData("utf-16be", false)]
    [InlineData("utf-32le", true)]
    [InlineData("utf-32be", true)]
    public async Task Wide_text_in_other_scripts_is_found(string encoding, bool hasMark)
    {
        const string Text = "Имя;Фамилия;Город\nИрина;Соколова;Казань\nАлексей;Иванов;Москва\n";
        var page = Encoding.GetEncoding(encoding switch { "utf-16le" => 1200, "utf-16be" => 1201, "utf-32le" => 12000, _ => 12001 });
        byte[] bytes = [.. hasMark ? page.GetPreamble() : [], .. page.GetBytes(Text)];

        var preview = await ReadAsync(bytes);

        Assert.Equal(encoding, preview.Format.Describe().Encoding);
        Assert.Equal(["Имя", "Фамилия", "Город"], preview.Headers);
        Assert.Empty(preview.Warnings);
    }

    [Theory]
    [InlineData("windows-1250")]
    [InlineData("ISO-8859-2")]
    [InlineData("cp852")]
    [InlineData("x-mac-ce")]
    [InlineData("utf-8")]
    public async Task Every_code_page_is_read_where_it_is_said(string encoding)
    {
        var bytes = (encoding == "cp852" ? Encoding.GetEncoding(852) : Encoding.GetEncoding(encoding))
            .GetBytes("Jméno,Město\nJiří,Třebíč\n");

        var preview = await ReadAsync(bytes, new FileOverrides(Encoding: encoding));

        Assert.Equal(["Jiří", "Třebíč"], preview.SampleRows[0]);
        Assert.Null(preview.Format.Describe().Certainty);
    }

    [Fact]
    public async Task What_cannot_be_decoded_is_counted_and_the_last_byte_is_not_lost()
    {
        var wide = await ReadAsync([.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("a,b\n1,2\n3,4"), 0x35]);
        Assert.Equal(1, wide.Format.Describe().Undecodable);
        Assert.Equal(["invalid_characters 3 1"], wide.Warnings.Select(warning => $"{warning.Code} {warning.Line} {warning.Count}"));

        var utf8 = await ReadAsync([.. "a,b\nç,"u8, 0xFC, .. "\nñ,ü\n"u8]);
        Assert.Equal(1, utf8.Format.Describe().Undecodable);

        var japanese = await ReadAsync([.. "a,b\n1,"u8, 0x81, .. "\n"u8], new FileOverrides(Encoding: "shift_jis"));
        Assert.True(japanese.Format.Describe().Undecodable > 0);
    }

    [Theory]
    [InlineData("{\"contacts\": [", "JSON")]
    [InlineData("{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n", "JSON")]
    [InlineData("<?xml version=\"1.0\"?>\n<contacts/>", "XML")]
    [InlineData("<contacts>\n<contact>Ida</contact>\n</contacts>", "XML")]
    [InlineData("\n\n  <HTML><head>", "HTML")]
    [InlineData("<table border=1><tr><td>Email</td></tr></table>", "HTML")]
    [InlineData("BEGIN:VCALENDAR\nVERSION:2.0\n", "iCalendar")]
    [InlineData("begin:vcard\nversion:2.1\n", "vCard")]
    [InlineData("{\\rtf1\\ansi Email}", "RTF")]
    [InlineData("dn: cn=Ida Berg,dc=example\ncn: Ida Berg\n", "LDIF")]
    [InlineData("ID;PWXL;N;E\nP;PGeneral\n", "SYLK")]
    [InlineData("-- MySQL dump 10.13\n--\n", "MySQL")]
    [InlineData("INSERT INTO contacts VALUES (1, 'Ida');\n", "SQL")]
    public async Task What_is_no_table_is_refused_by_its_name(string text, string kind)
    {
        foreach (var bytes in (byte[][])[Encoding.UTF8.GetBytes(text), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)]])
        {
            var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => ReadAsync(bytes));

            Assert.Equal("not_text", refused.Code);
            Assert.Contains(kind, refused.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[Email],[Name]\na@example.com,Ann\n")]
    [InlineData("{Email},{Name}\na@example.com,Ann\n")]
    [InlineData("<Email>,<Name>\na@example.com,Ann\n")]
    [InlineData("ID;Phone;Position\n1;555 0100 00;Buyer\n")]
    [InlineData("dn,mail\ncn=Ida,a@example.com\n")]
    public async Task A_table_with_odd_names_is_a_table(string text) => Assert.Equal(1, (await ReadAsync(text)).TotalRows);

    [Theory]
    [InlineData("", true)]
    [InlineData("\0\0\0\0\0\0\0", true)]
    [InlineData("x", false)]
    [InlineData("more text behind it", false)]
    [InlineData("\0\0\0x", false)]
    [InlineData("\u001F", false)]
    [InlineData("\0\u001F", false)]
    public async Task Bytes_behind_compressed_data_are_refused(string behind, bool isRead)
    {
        foreach (var rows in (int[])[1, 5_000])
        {
            var file = Gzip("email\n" + string.Concat(Enumerable.Range(0, rows).Select(n => $"{n}@example.com\n")));
            byte[] whole = [.. file, .. Encoding.ASCII.GetBytes(behind)];
            if (isRead)
            {
                Assert.Equal(rows, (await ReadAsync(whole)).TotalRows);
            }
            else
            {
                Assert.Equal("broken_compression", (await Assert.ThrowsAsync<UnreadableFileException>(() => ReadAsync(whole))).Code);
            }
        }
    }

    [Fact]
    public async Task Several_pieces_of_compressed_data_are_one_file() =>
        Assert.Equal(2, (await ReadAsync([.. Gzip("email\na@example.com\n"), .. Gzip("b@example.com\n")])).TotalRows);

    [Fact]
    public async Task Compressed_data_that_is_cut_off_is_refused_wherever_it_is_cut()
    {
        var (first, second) = (Gzip("email\na@example.com\n"), Gzip("b@example.com\n"));
        byte[] whole = [.. first, .. second];
        for (var length = 3; length < whole.Length; length++)
        {
            if (length == first.Length) continue;
            var refused = await Assert.ThrowsAsync<UnreadableFileException>(() => ReadAsync(whole[..length]));
            Assert.Equal("broken_compression", refused.Code);
        }
    }

    [Theory]
    [InlineData("cr", "\r")]
    [InlineData("crlf", "\r\n")]
    public async Task Every_defect_is_found_with_every_line_ending(string name, string end)
    {
        string[] lines = ["List", "", "Email,Name,City,", "a@x.io, \"A, B\",Oslo,", "b@x.io,\"the \\\"x\\\"\",Rome,", ""];
        var text = string.Join(end, lines);

        var preview = await ReadAsync(text);

        Assert.Equal(name, preview.Format.Describe().LineEnding);
        Assert.Equal(3, preview.Format.Describe().HeaderRow);
        Assert.Equal(["a@x.io|A, B|Oslo|", "b@x.io|the \"x\"|Rome|"], preview.SampleRows.Select(row => string.Join('|', row)));
    }

    private static Task<FilePreview> ReadAsync(string text) => ReadAsync(Encoding.UTF8.GetBytes(text));

    private static Task<FilePreview> ReadAsync(byte[] bytes, FileOverrides? overrides = null) => FilePreview.ReadAsync(
        _ => Task.FromResult<Stream>(new MemoryStream(bytes)),
        overrides ?? new FileOverrides(),
        cells => MappingSuggester.Suggest(RecordTypes.Contacts, cells, []).Count(column => column.Confidence >= 0.8),
        TestContext.Current.CancellationToken);

    private static byte[] Gzip(string text)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return output.ToArray();
    }
}
