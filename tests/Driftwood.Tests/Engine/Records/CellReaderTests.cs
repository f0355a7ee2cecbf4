using System.Text;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Xunit;

namespace Driftwood.Tests.Engine.Records;

public sealed class CellReaderTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("jane@example.com", "jane@example.com")]
    [InlineData(" \u00A0Jane@Example.COM\uFEFF\t", "Jane@Example.COM")]
    [InlineData("o'neil+crm@mail.example.co.uk", "o'neil+crm@mail.example.co.uk")]
    [InlineData("j\u00E4ne@b\u00FCcher.example", "j\u00E4ne@b\u00FCcher.example")]
    [InlineData("j\u0430ne@example.com", "j\u0430ne@example.com")] // a Cyrillic letter: another address, but an address
    [InlineData("jane", null)]
    [InlineData("jane@", null)]
    [InlineData("@example.com", null)]
    [InlineData("jane@localhost", null)]
    [InlineData("jane@@example.com", null)]
    [InlineData("jane@example..com", null)]
    [InlineData("jane@-example.com", null)]
    [InlineData("jane@1.5", null)]
    [InlineData(".jane@example.com", null)]
    [InlineData("Jane <jane@example.com>", null)]
    [InlineData("jane@example.com, joe@example.com", null)]
    [InlineData("jane doe@example.com", null)]
    [InlineData("jane\u00A0doe@example.com", null)]
    [InlineData("jane@exam\u200Bple.com", null)]
    [InlineData("jane\u202E@example.com", null)]
    [InlineData("jane\u0001@example.com", null)]
    public void Reads_an_email(string value, string? stored) => Check(FieldKind.Email, value, stored, "invalid_email");

    [Theory]
    [InlineData("+1-555-0100")]
    [InlineData("(555) 010-0199")]
    [InlineData("(+47) 22 33 44 55")]
    [InlineData("+49\u00A030\u00A0901820")]
    [InlineData("555.010.0199 x12")]
    [InlineData("555-0100 ext. 12")]
    [InlineData("555-0100, EXT 12")]
    [InlineData("110")]
    public void Reads_a_phone_and_keeps_its_spelling(string value) => Check(FieldKind.Phone, value, value, "invalid_phone");

    [Theory]
    [InlineData("12")]
    [InlineData("call me")]
    [InlineData("+")]
    [InlineData("555x")]
    [InlineData("555-0100 ext 123456789")]
    [InlineData("x12")]
    [InlineData("123456789012345678901")]
    [InlineData("555-0100 / 555-0101 / 555-0102")]
    [InlineData("\u0665\u0665\u0665\u0660\u0661")]
    [InlineData("1+555")]
    [InlineData("=1+555+0100")]
    public void Refuses_what_is_no_phone(string value) => Check(FieldKind.Phone, value, null, "invalid_phone");

    [Theory]
    [InlineData("https://www.example.com/a?b=c#d")]
    [InlineData("HTTP://example.com")]
    [InlineData("example.com")]
    [InlineData("example.com:8080/x")]
    [InlineData("example.com/go?to=https://other.example")]
    [InlineData("http://user@example.com/")]
    [InlineData("http://192.168.1.10/")]
    [InlineData("b\u00FCcher.example")]
    public void Reads_a_url_and_keeps_its_spelling(string value) => Check(FieldKind.Url, value, value, "invalid_url");

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JavaScript:alert(1)%2f%2f@example.com")]
    [InlineData("javascript://example.com/%0aalert(1)")]
    [InlineData("data:text/html,<script>")]
    [InlineData("data:text/html;base64@example.com")]
    [InlineData("ftp://example.com")]
    [InlineData("file:///etc/passwd")]
    [InlineData("mailto:jane@example.com")]
    [InlineData("jane@example.com")]
    [InlineData("//example.com")]
    [InlineData("http://")]
    [InlineData("http://example.com:80a/")]
    [InlineData("exam ple.com")]
    [InlineData("exam\u00A0ple.com")]
    [InlineData("1.5")]
    [InlineData("n/a")]
    [InlineData("-")]
    public void Refuses_what_is_no_url_nor_domain(string value)
    {
        Check(FieldKind.Url, value, null, "invalid_url");
        Check(FieldKind.Domain, value, null, "invalid_url");
    }

    [Theory]
    [InlineData("42", "42")]
    [InlineData("+42", "42")]
    [InlineData("-0", "0")]
    [InlineData("007", "7")]
    [InlineData("1,234,567", "1234567")]
    [InlineData("-1,234", "-1234")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", null)]
    [InlineData("1,23,456", null)]
    [InlineData("1234,567", null)]
    [InlineData("0,125", null)]
    [InlineData("1,2345", null)]
    [InlineData("1,,234", null)]
    [InlineData(",234", null)]
    [InlineData("1,234,", null)]
    [InlineData("1,234,5-1", null)]
    [InlineData("12.0", null)]
    [InlineData("1e3", null)]
    [InlineData("0x10", null)]
    [InlineData("\u0664\u0662", null)]
    [InlineData("4 2", null)]
    public void Reads_an_integer(string value, string? stored) => Check(FieldKind.Integer, value, stored, "invalid_integer");

    [Theory]
    [InlineData("1234567.50", "1234567.50")]
    [InlineData("1,234,567.5", "1234567.5")]
    [InlineData(".5", "0.5")]
    [InlineData("-3", "-3")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("12345678901234567890123456789", null)]
    [InlineData("1,23,456", null)]
    [InlineData("1234,56", null)]
    [InlineData("1.234,56", null)]
    [InlineData("1.2.3", null)]
    [InlineData("1e3", null)]
    [InlineData("5-", null)]
    [InlineData("$5", null)]
    [InlineData("NaN", null)]
    [InlineData("Infinity", null)]
    [InlineData("--5", null)]
    public void Reads_a_decimal(string value, string? stored) => Check(FieldKind.Decimal, value, stored, "invalid_decimal");

    [Theory]
    [InlineData("1990-02-28", "1990-02-28")]
    [InlineData("1990/2/8", "1990-02-08")]
    [InlineData("1990.12.31", "1990-12-31")]
    [InlineData("2024-02-29", "2024-02-29")]
    [InlineData("1990-02-28T00:00:00Z", "1990-02-28")]
    [InlineData("1990/2/8 00:00:00", "1990-02-08")]
    [InlineData("2023-02-29", null)]
    [InlineData("1900-02-29", null)]
    [InlineData("1990-13-01", null)]
    [InlineData("1990-00-10", null)]
    [InlineData("1990-2-028", null)]
    [InlineData("1990-02/28", null)]
    [InlineData("0000-01-01", null)]
    [InlineData("28.02.1990", null)]
    [InlineData("02/28/1990", null)]
    [InlineData("19900228", null)]
    [InlineData("1990-02-28T12:00:00", null)]
    [InlineData("1990--2-8", null)]
    [InlineData("\u0661\u0669\u0669\u0660-02-28", null)]
    public void Reads_a_date(string value, string? stored) => Check(FieldKind.Date, value, stored, "invalid_date");

    [Theory]
    [InlineData("2025-06-15T14:30:00Z", "2025-06-15T14:30:00.000000Z")]
    [InlineData("2025-06-15T14:30:00+02:00", "2025-06-15T12:30:00.000000Z")]
    [InlineData("2025-06-15 14:30", "2025-06-15T14:30:00.000000Z")]
    [InlineData("2025-06-15", "2025-06-15T00:00:00.000000Z")]
    [InlineData("2025-02-30T00:00:00Z", null)]
    [InlineData("0001-01-01T00:00:00+10:00", null)]
    [InlineData("15.06.2025 14:30", null)]
    [InlineData("Mon1-06-2025", null)]
    public void Reads_a_date_and_time(string value, string? stored) => Check(FieldKind.DateTime, value, stored, "invalid_date");

    [Theory]
    [InlineData("YES", "true")]
    [InlineData(" 0 ", "false")]
    [InlineData("Off", "false")]
    [InlineData("2", null)]
    [InlineData("yess", null)]
    [InlineData("truetrue", null)]
    [InlineData("\u043Eff", null)] // begins with a Cyrillic letter
    public void Reads_a_boolean(string value, string? stored) => Check(FieldKind.Boolean, value, stored, "invalid_boolean");

    [Theory]
    [InlineData("550E8400-E29B-41D4-A716-446655440000", "550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("{550e8400-e29b-41d4-a716-446655440000}", null)]
    [InlineData("550e8400e29b41d4a716446655440000", null)]
    [InlineData("550e8400-e29b-41d4-a716-446655440000x", null)]
    [InlineData("12", null)]
    public void Reads_the_id_of_another_record(string value, string? stored) => Check(FieldKind.Reference, value, stored, "not_found");

    [Theory]
    [InlineData(FieldKind.Text)]
    [InlineData(FieldKind.Email)]
    [InlineData(FieldKind.Integer)]
    [InlineData(FieldKind.Date)]
    public void White_space_alone_is_blank(FieldKind kind)
    {
        foreach (var blank in new[] { "", " ", "\t\r\n", "\u00A0", "\u3000\u2003", "\uFEFF", "\u200B" }) Check(kind, blank, "", "");
    }

    [Theory]
    [InlineData(FieldKind.Text)]
    [InlineData(FieldKind.Email)]
    [InlineData(FieldKind.Decimal)]
    public void Refuses_a_nul_and_what_is_not_utf8(FieldKind kind)
    {
        byte[][] values = [
            [0x61, 0, 0x62], [0], [0x61, 0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x20, 0x80]];
        foreach (var value in values) Assert.Equal("invalid_characters", Read(new Field("f", "F", kind), value).Fault?.Code);
    }

    [Fact]
    public void Length_is_counted_in_characters_after_trimming()
    {
        var field = new Field("f", "F", FieldKind.Text) { MaxLength = 3 };
        Assert.Equal("\U0001F600\U0001F600\U0001F600", Read(field, "  \U0001F600\U0001F600\U0001F600  "u8).Stored);
        Assert.Equal("too_long", Read(field, "abcd"u8).Fault?.Code);
    }

    [Fact]
    public void Never_throws_and_reads_what_it_stores_as_itself_whatever_it_is_given()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        var kinds = Enum.GetValues<FieldKind>().Except([FieldKind.Tags, FieldKind.Choice]).ToArray();
        var alphabet = "0123456789-+.,:/@xXTZ eE()#?www.examplecom\u00A0\u00E9\u03A3\u200B\u202E\0%"u8.ToArray();
        var value = new byte[24];
        for (var i = 0; i < 300_000; i++)
        {
            var written = value.AsSpan(0, random.Next(value.Length));
            foreach (ref var b in written) b = alphabet[random.Next(alphabet.Length)];
            Field field = new("f", "F", kinds[random.Next(kinds.Length)]);
            var (stored, fault) = Read(field, written);
            Assert.Equal(stored is null, fault is not null);
            if (stored is not null && Read(field, Encoding.UTF8.GetBytes(stored)).Stored != stored)
            {
                Assert.Fail($"{field.Kind}: {Convert.ToHexString(written)}");
            }
        }
    }

    private static void Check(FieldKind kind, string value, string? stored, string code)
    {
        var (found, fault) = Read(new Field("f", "F", kind), Encoding.UTF8.GetBytes(value));
        Assert.Equal(stored, found);
        Assert.Equal(stored is null ? code : null, fault?.Code);
        // A stored value is read as itself, so a caller can import an exported file again.
        if (stored is not null) Assert.Equal(stored, Read(new Field("f", "F", kind), Encoding.UTF8.GetBytes(stored)).Stored);
    }

    private static (string? Stored, Fault? Fault) Read(Field field, ReadOnlySpan<byte> value)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        return CellReader.TryRead(field, value, scratch, out var stored, out var fault) ? (Encoding.UTF8.GetString(stored), fault)
            : (null, fault);
    }
}
