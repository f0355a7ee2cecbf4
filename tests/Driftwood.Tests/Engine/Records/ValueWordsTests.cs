using System.Globalization;
using System.Text;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Text;
using Driftwood.Engine.Records.Types;
using Driftwood.Engine.Records.Values;
using Driftwood.Engine.Records.Words;

namespace Driftwood.Tests.Engine.Records;

/// <summary>Dates with the names of months in many languages, and cells with several phone numbers.</summary>
public sealed class ValueWordsTests
{
    public static TheoryData<string> Languages =>
        ["Danish", "Dutch", "English", "French", "German", "Italian", "Norwegian", "Polish", "Portuguese", "Spanish", "Swedish"];

    [Fact]
    public void No_other_language_is_known() =>
        Assert.Equal(Languages.Select(row => row.Data), ValueWords.MonthsByLanguage.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Languages))]
    public void Every_month_of_a_language_is_read_in_every_form(string language)
    {
        var months = ValueWords.MonthsByLanguage[language];
        Assert.Equal(12, months.Length);
        foreach (var (index, names) in months.Index())
        {
            var expected = string.Create(CultureInfo.InvariantCulture, $"1988-{index + 1:00}-15");
            foreach (var name in names.Split(' '))
            {
                string[] cells =
                [
                    $"15. {name} 1988", $"15 {name} 1988", $"15-{name}-1988", $"15/{name}/1988", $"{name} 15, 1988",
                    $"15 de {name} de 1988",
                    $"15 {name.ToUpperInvariant()} 1988", $"15\u00A0{name}, 1988", $"15 {name.Normalize(NormalizationForm.FormD)} 1988",
                ];
                Assert.All(cells, cell => Assert.Equal((cell, expected), (cell, Read(FieldKind.Date, cell, out _))));
            }
        }
    }

    [Theory]
    [InlineData("15-Mar-1988", "1988-03-15")]
    [InlineData("15 mrt. 1988", "1988-03-15")]
    [InlineData("1er mars 1988", "1988-03-01")]
    [InlineData("1º de enero del 2000", "2000-01-01")]
    [InlineData("15th of March 1988", "1988-03-15")]
    [InlineData("March 2nd, 1988", "1988-03-02")]
    [InlineData("15 janv. 1988", "1988-01-15")]
    [InlineData("15 juil. 1988", "1988-07-15")]
    [InlineData("15 sept. 1988 00:00", "1988-09-15")]
    [InlineData("15 out 1988", "1988-10-15")]
    [InlineData("15 paź 1988", "1988-10-15")]
    [InlineData("15 jui 1988", null)]
    [InlineData("15 ma 1988", null)]
    [InlineData("15 Marsch 1988", null)]
    [InlineData("31 kwietnia 1988", null)]
    [InlineData("15 dede marzo 1988", null)]
    [InlineData("15mars1988", null)]
    [InlineData("15 de 1988", null)]
    [InlineData("15.. März 1988", null)]
    public void Dates_with_words_are_read(string cell, string? expected) => Assert.Equal(expected, Read(FieldKind.Date, cell, out _));

    [Theory]
    [InlineData("15 août")]
    [InlineData("15 de marzo")]
    [InlineData("25. października")]
    [InlineData("März 15")]
    public void A_day_and_a_month_have_no_year_in_any_language(string cell)
    {
        Assert.Equal("", Read(FieldKind.Date, cell, out var warning));
        Assert.Equal("date_without_year", warning);
    }

    [Theory]
    [InlineData("0047 21 00 00 01 / 21 00 00 02", "0047 21 00 00 01")]
    [InlineData("21 00 00 01/21 00 00 02", "21 00 00 01")]
    [InlineData("+47 21 00 00 01;+47 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01, +47 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 or 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 oder 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 ::: 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01\n21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01\r\n21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 | 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 +47 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("030 1234567 / 030 1234568 / 030 1234569", "030 1234567")]
    [InlineData("030/1234567/030/1234568", "030/1234567")]
    [InlineData("+47 21 00 00 01 x12 / 21 00 00 02", "+47 21 00 00 01 x12")]
    [InlineData("+47\u00A021\u00A000\u00A000\u00A001 / 21 00 00 02", "+47 21 00 00 01")]
    [InlineData("+47 21 00 00 01 ; +47 21 00 00 02 ; +47 21 00 00 03 ; +47 21 00 00 04", "+47 21 00 00 01")]
    public void The_first_of_several_phones_is_taken(string cell, string first)
    {
        Assert.Equal(first, Read(FieldKind.Phone, cell, out var warning));
        Assert.Equal("multiple_values", warning);
    }

    [Theory]
    [InlineData("030 / 1234567", "030 / 1234567")]
    [InlineData("030/1234567-12", "030/1234567-12")]
    [InlineData("+49 33701 / 1234567", "+49 33701 / 1234567")]
    [InlineData("0049 (0)33701 / 1234567", "0049 (0)33701 / 1234567")]
    [InlineData("030 1234567 / 68", "030 1234567 / 68")]
    [InlineData("21 00 00 01 ext. 12", "21 00 00 01 ext. 12")]
    [InlineData("21 00 00 01 x12", "21 00 00 01 x12")]
    [InlineData("21 00 00 01, ext 1234567", "21 00 00 01, ext 1234567")]
    [InlineData("21 00 00 01 Durchwahl 12", null)]
    [InlineData("21 00 00 01 / Durchwahl 1234567", null)]
    [InlineData("+4721000001,,1234567", null)]
    [InlineData("21 00 00 01 or Oslo", null)]
    public void A_cell_that_is_not_clearly_several_phones_stays_as_it_is(string cell, string? stored)
    {
        Assert.Equal(stored, Read(FieldKind.Phone, cell, out var fault));
        Assert.Equal(stored is null ? "invalid_phone" : null, fault);
    }

    [Fact]
    public void A_request_has_one_phone() =>
        Assert.Equal("21 00 00 01 / 21 00 00 02", Read(FieldKind.Phone, "21 00 00 01 / 21 00 00 02", out _, isFile: false));

    private static string? Read(FieldKind kind, string cell, out string? code, bool isFile = true)
    {
        Span<byte> scratch = stackalloc byte[CellReader.ScratchBytes];
        var field = new Field("f", "F", kind) { MaxLength = kind == FieldKind.Phone ? 64 : 0 };
        var isGood = CellReader.TryRead(
            field, Encoding.UTF8.GetBytes(cell), scratch, out var stored, out var fault,
            new CellFormat(DateFormat.DayMonthYear, false) { IsFile = isFile });
        code = fault?.Code;
        return isGood ? Encoding.UTF8.GetString(stored) : null;
    }
}
