using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Xunit;

namespace Driftwood.Tests.Engine.Records;

public sealed class RecordValuesTests
{
    [Theory]
    [InlineData("12", "12")]
    [InlineData("12.0", "12")]
    [InlineData("1.2e1", "12")]
    [InlineData("1200E-2", "12")]
    [InlineData("-1e3", "-1000")]
    [InlineData("0e9", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", null)]
    [InlineData("1.5", null)]
    [InlineData("1e-1", null)]
    [InlineData("1e400", null)]
    [InlineData("1e99999999999", null)]
    public void Reads_a_whole_number_however_json_writes_it(string json, string? stored) =>
        Check(new Field("n", "N", FieldKind.Integer), json, stored);

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("4500000.50", "4500000.50")]
    [InlineData("1.25e-3", "0.00125")]
    [InlineData("12.5e1", "125")]
    [InlineData("1.255e1", "12.55")]
    [InlineData("-2E+2", "-200")]
    [InlineData("0.30000000000000000000000000001", null)] // 30 digits: refused, not rounded
    [InlineData("1e-30", null)]
    [InlineData("1e30", null)]
    public void Reads_a_decimal_without_rounding_it(string json, string? stored) =>
        Check(new Field("n", "N", FieldKind.Decimal), json, stored);

    [Fact]
    public void A_lone_surrogate_or_a_nul_is_not_text()
    {
        var field = new Field("t", "T", FieldKind.Text);
        foreach (var text in new[] { "\uD83D", "a\uDE00b", "\uDE00\uD83D", "a\0b" })
        {
            Assert.Equal("invalid_characters", new RecordValues().Set(field, text)?.Code);
        }

        Assert.Null(new RecordValues().Set(field, "\U0001F600"));
    }

    [Fact]
    public void Tells_blank_from_not_mentioned()
    {
        RecordValues values = new();
        var city = RecordTypes.Contacts.Find("city")!;
        Assert.False(values.Has("city"));
        Assert.Null(values.Set(city, " \u00A0"));
        Assert.True(values.Has("city"));
        Assert.Null(values["city"]);
        Assert.Equal(["city"], values.Mentioned);
    }

    private static void Check(Field field, string json, string? stored)
    {
        RecordType type = new("things", "Things", [field], []);
        List<Fault> faults = [];
        using var document = JsonDocument.Parse(json);
        var values = RecordJson.Read(type, [KeyValuePair.Create(field.Key, document.RootElement)], faults);
        Assert.Equal(stored, values[field.Key]);
        Assert.Equal(stored is null, faults.Count == 1);
    }
}
