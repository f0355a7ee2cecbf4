using System.Text.Json;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Imports.Transforms;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>Each transform by itself.</summary>
public sealed class TransformTests
{
    private static readonly string[] Headers = ["Name", "Other"];

    [Theory]
    [InlineData("\"trim\"", "\u200B a b \t", "a b")]
    [InlineData("\"collapse\"", " a \t\u00A0 b\n\nc ", "a b c")]
    [InlineData("\"upper\"", "straße ñ", "STRAßE Ñ")]
    [InlineData("\"lower\"", "ÅSE Ñ", "åse ñ")]
    [InlineData("\"title\"", "JEAN-LUC O'NEIL", "Jean-Luc O'Neil")]
    [InlineData("\"title\"", "don't STOP 2nd ångström", "Don't Stop 2nd Ångström")]
    [InlineData("\"title\"", "anna maria (née BERG)", "Anna Maria (Née Berg)")]
    [InlineData("""{"name":"strip_prefix","text":"tel:"}""", "tel:+47 1", "+47 1")]
    [InlineData("""{"name":"strip_prefix","text":"tel:"}""", "a tel:", "a tel:")]
    [InlineData("""{"name":"replace","find":"; ","with":","}""", "a; b; c", "a,b,c")]
    [InlineData("""{"name":"replace","find":"-","with":""}""", "1-2-3", "123")]
    [InlineData("""{"name":"split","on":"/","nth":2}""", "a / b / c", "b")]
    [InlineData("""{"name":"split","on":"/","nth":-1}""", "a/b/c", "c")]
    [InlineData("""{"name":"split","on":"/","nth":4}""", "a/b/c", "")]
    [InlineData("""{"name":"split","on":"/","nth":-4}""", "a/b/c", "")]
    [InlineData("""{"name":"split_name","part":"first"}""", "Anna  Maria Berg", "Anna Maria")]
    [InlineData("""{"name":"split_name","part":"last"}""", "Anna  Maria Berg", "Berg")]
    [InlineData("""{"name":"split_name","part":"first"}""", "Ludwig van Beethoven", "Ludwig")]
    [InlineData("""{"name":"split_name","part":"last"}""", "María de la Cruz", "de la Cruz")]
    [InlineData("""{"name":"split_name","part":"last"}""", "Van Morrison", "Morrison")]
    [InlineData("""{"name":"split_name","part":"last"}""", "Anh Le", "Le")]
    [InlineData("""{"name":"split_name","part":"first"}""", "Berg, Anna Maria", "Anna Maria")]
    [InlineData("""{"name":"split_name","part":"last"}""", "Berg, Anna Maria", "Berg")]
    [InlineData("""{"name":"split_name","part":"first"}""", "Cher", "Cher")]
    [InlineData("""{"name":"split_name","part":"last"}""", "Cher", "")]
    [InlineData("\"url_domain\"", "https://www.Example.com:80/a?b=c", "example.com")]
    [InlineData("\"url_domain\"", "Ann@Example.com", "example.com")]
    [InlineData("""{"name":"phone","country":"no"}""", "22 12 34 56", "+4722123456")]
    [InlineData("""{"name":"phone","country":"NO"}""", "none", "none")]
    [InlineData("""{"name":"concat","column":"Other"}""", "a", "a other")]
    [InlineData("""{"name":"concat","column":"Other","separator":""}""", "", "other")]
    public void A_transform_changes_a_text(string given, string text, string expected)
    {
        List<Fault> faults = [];

        var transform = Transform.ReadAll(JsonElement.Parse($"[{given}]"), Headers, faults).Single();

        var changed = transform.Apply(text, column => column == 1 ? "other" : "");
        Assert.Empty(faults);
        Assert.Equal(expected, changed);
    }

    [Fact]
    public void A_blank_text_stays_blank()
    {
        List<Fault> faults = [];
        var given = """["trim","collapse","title",{"name":"split_name","part":"last"},"url_domain"]""";

        var transforms = Transform.ReadAll(JsonElement.Parse(given), Headers, faults);

        Assert.All(transforms, transform => Assert.Equal("", transform.Apply("", _ => "other")));
    }

    [Theory]
    [InlineData("\"trim\"", ": wrong_type")]
    [InlineData("[1]", "[0]: wrong_type")]
    [InlineData("[\"shout\"]", "[0]: invalid_choice")]
    [InlineData("""[{"text":"a"}]""", "[0].name: required")]
    [InlineData("""["trim",{"name":"strip_prefix"}]""", "[1].text: required")]
    [InlineData("""["strip_prefix"]""", "[0].text: required")]
    [InlineData("""[{"name":"trim","text":"a"}]""", "[0].text: unknown_member")]
    [InlineData("""[{"name":"strip_prefix","text":""}]""", "[0].text: required")]
    [InlineData("""[{"name":"replace","find":"a","with":1}]""", "[0].with: wrong_type")]
    [InlineData("""[{"name":"split","on":"/","nth":0}]""", "[0].nth: out_of_range")]
    [InlineData("""[{"name":"split","on":"/","nth":1.5}]""", "[0].nth: out_of_range")]
    [InlineData("""[{"name":"split_name","part":"middle"}]""", "[0].part: invalid_choice")]
    [InlineData("""[{"name":"concat","column":"Nothing"}]""", "[0].column: unknown_column")]
    [InlineData("""[{"name":"phone","country":"XX"}]""", "[0].country: invalid_choice")]
    public void A_transform_that_cannot_be_read_is_refused(string given, string expected)
    {
        List<Fault> faults = [];

        Transform.ReadAll(JsonElement.Parse(given), Headers, faults);

        Assert.Equal([expected], faults.Select(fault => $"{fault.Path}: {fault.Code}"));
    }

    [Fact]
    public void There_is_a_limit_of_transforms_and_of_their_texts()
    {
        List<Fault> faults = [];

        Transform.ReadAll(JsonSerializer.SerializeToElement(Enumerable.Repeat("trim", Transform.Max + 1)), Headers, faults);
        Transform.ReadAll(
            JsonSerializer.SerializeToElement(new[] { new { name = "strip_prefix", text = new string('a', Transform.MaxText + 1) } }),
            Headers, faults);

        Assert.Equal(["out_of_range", "too_long"], faults.Select(fault => fault.Code));
    }
}
