using System.Globalization;
using System.Text;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Unicode;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Unicode Normalization Form C. The file has texts and their forms as the database of Unicode 14 has them.</summary>
public sealed class NfcTests
{
    [Fact]
    public void Every_text_of_the_file_gets_its_form() => Assert.Empty(
        from line in File.ReadLines(Path.Combine(Repository.Root, "tests/Driftwood.Tests/Cases/nfc.txt"))
        let texts = line.Split(';').Select(Text).ToArray()
        where Nfc.Of(texts[0]) != texts[1] || Nfc.Of(texts[1]) != texts[1] || Bytes(texts[0]) != texts[1] || Bytes(texts[1]) != texts[1]
        select line);

    [Fact]
    public void Many_marks_take_no_longer_than_many_letters()
    {
        var text = "a" + new string('\u0301', 30_000) + new string('\u0323', 30_000);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.StartsWith("\u1EA1", Nfc.Of(text), StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("plain", false)]
    [InlineData("Jos\u00E9 \u0141ukasz Stra\u00DFe", false)]
    [InlineData("\u0418\u0440\u0438\u043D\u0430 \u65E5\u672C\u8A9E \uD55C\uAD6D\uC5B4 \U0001F600", false)]
    [InlineData("Jose\u0301", true)]
    [InlineData("\u212B", true)]
    public void Only_texts_that_may_not_be_in_the_form_are_looked_at(string text, bool isSuspect) =>
        Assert.Equal(isSuspect, Nfc.IsSuspect(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData(MatchKeyKind.Email, "info@b\u00FCcher.example", "info@xn--bcher-kva.example")]
    [InlineData(MatchKeyKind.Email, "INFO@XN--BCHER-KVA.example", "info@xn--bcher-kva.example")]
    [InlineData(MatchKeyKind.Email, "info@bu\u0308cher.example", "info@xn--bcher-kva.example")]
    [InlineData(MatchKeyKind.Domain, "https://www.B\u00DCCHER.example/x", "xn--bcher-kva.example")]
    [InlineData(MatchKeyKind.Phone, "0047 21 00 66 01", "+4721006601")]
    [InlineData(MatchKeyKind.Phone, "+49 (0)30 123466", "+4930123466")]
    [InlineData(MatchKeyKind.Phone, "0049 (0) 30 123466", "+4930123466")]
    [InlineData(MatchKeyKind.Phone, "(0)30 123466", "030123466")]
    [InlineData(MatchKeyKind.Phone, "001", "001")]
    [InlineData(MatchKeyKind.Name, "Cafe\u0301", "caf\u00E9")]
    public void Keys_of_one_thing_are_one(MatchKeyKind kind, string value, string key) => Assert.Equal(key, MatchKeys.Of(kind, value));

    private static string Bytes(string text) => Encoding.UTF8.GetString(Nfc.Of(Encoding.UTF8.GetBytes(text)));

    private static string Text(string points) => string.Concat(
        points.Split(' ').Select(point => char.ConvertFromUtf32(int.Parse(point, NumberStyles.HexNumber, CultureInfo.InvariantCulture))));
}
