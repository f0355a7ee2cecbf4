using System.Text;
using Driftwood.Engine.Records.Text;
using Xunit;

namespace Driftwood.Tests.Engine.Records;

public sealed class MatchKeysTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(MatchKeyKind.Exact, " Ab-1\u00A0", "Ab-1")]
    [InlineData(MatchKeyKind.Email, " Jane@Example.COM ", "jane@example.com")]
    [InlineData(MatchKeyKind.Email, "J\u00C4NE@example.com", "j\u00E4ne@example.com")]
    [InlineData(MatchKeyKind.Domain, "https://www.Example.com/path?q#f", "example.com")]
    [InlineData(MatchKeyKind.Domain, "user:secret@WWW.example.com.:8080", "example.com")]
    [InlineData(MatchKeyKind.Domain, "www.www.example.com", "example.com")]
    [InlineData(MatchKeyKind.Domain, "www.com", "www.com")]
    [InlineData(MatchKeyKind.Domain, "wwwexample.com", "wwwexample.com")]
    [InlineData(MatchKeyKind.Domain, "example.com/?to=https://other.example", "example.com")]
    [InlineData(MatchKeyKind.Domain, "mail.example.com", "mail.example.com")]
    [InlineData(MatchKeyKind.Phone, "+1 (555) 010-0199", "+15550100199")]
    [InlineData(MatchKeyKind.Phone, "(+47) 22\u00A033 44 55", "+4722334455")]
    [InlineData(MatchKeyKind.Phone, "555-0100 Ext. 12", "5550100x12")]
    [InlineData(MatchKeyKind.Phone, "+", null)]
    [InlineData(MatchKeyKind.Name, "  Acme\u00A0 \t Corp ", "acme corp")]
    [InlineData(MatchKeyKind.Name, "\u039F\u03B4\u03C5\u03C3\u03C3\u03B5\u03CD\u03C2", "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03CD\u03C3")]
    [InlineData(MatchKeyKind.Name, "\u200B \uFEFF", null)]
    [InlineData(MatchKeyKind.Name, "", null)]
    public void Makes_values_comparable(MatchKeyKind kind, string value, string? key) => Assert.Equal(key, MatchKeys.Of(kind, value));

    [Theory]
    // These are capital and final sigma.
    [InlineData("\u039F\u0394\u03A5\u03A3\u03A3\u0395\u03A5\u03A3", "\u03BF\u03B4\u03C5\u03C3\u03C3\u03B5\u03C5\u03C2")]
    [InlineData("STRA\u1E9EE", "stra\u00DFe")]
    [InlineData("\u01C5", "\u01C6")] // the letter dz in title case
    public void Names_meet_whatever_their_case(string one, string other) =>
        Assert.Equal(MatchKeys.Of(MatchKeyKind.Name, one), MatchKeys.Of(MatchKeyKind.Name, other));

    [Fact]
    public void Homoglyphs_stay_apart() =>
        Assert.NotEqual(MatchKeys.Of(MatchKeyKind.Email, "j\u0430ne@example.com"), MatchKeys.Of(MatchKeyKind.Email, "jane@example.com"));

    [Fact]
    public void The_key_of_a_key_is_itself_for_every_character()
    {
        foreach (var kind in Enum.GetValues<MatchKeyKind>())
        {
            for (var value = 1; value <= 0x10FFFF; value++)
            {
                if (Rune.IsValid(value)) CheckIdempotent(kind, new Rune(value).ToString());
            }
        }
    }

    [Fact]
    public void The_key_of_a_key_is_itself_for_random_values()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        string[] parts =
        [
            "www.", "WWW.", "http://", "://", "/", "?", "#", "@", ":", ".", "..", " ", "\u00A0", "\uFEFF", "\u200B", "\t", "a", "B",
                "\u03A3", "\u03C2",
            "\u0130", "\u0131", "\u1E9E", "\u00E9", "e\u0301", "x", "X", "+", "0", "42", "-", "(", ")", "com", "example", "\U0001F600",
                "\uFFFD", "ext.",
        ];
        for (var i = 0; i < 50_000; i++)
        {
            var value = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => parts[random.Next(parts.Length)]));
            foreach (var kind in Enum.GetValues<MatchKeyKind>().Where(kind => kind != MatchKeyKind.Number)) CheckIdempotent(kind, value);
            // The key of a number comes from its stored form, so only stored forms occur here.
            CheckIdempotent(
                MatchKeyKind.Number,
                new decimal(random.Next(-200_000, 200_000), 0, 0, random.Next(2) == 0, (byte)random.Next(6))
                .ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static void CheckIdempotent(MatchKeyKind kind, string value)
    {
        if (MatchKeys.Of(kind, value) is not { } key) return;
        var again = MatchKeys.Of(kind, key);
        if (key != again) Assert.Fail($"{kind} of {Escaped(value)} is {Escaped(key)}, and of that {Escaped(again)}.");
    }

    private static string Escaped(string? value) => System.Text.Json.JsonSerializer.Serialize(value);
}
