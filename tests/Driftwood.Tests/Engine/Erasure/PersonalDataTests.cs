using System.Text;
using Driftwood.Engine.Erasure;

namespace Driftwood.Tests.Engine.Erasure;

/// <summary>A value of a person is found where it stands by itself, in any case, and nowhere else.</summary>
public sealed class PersonalDataTests
{
    private static readonly Guid Id = Guid.Parse("01977c20-51b8-7d10-a6a5-9b1f0f6d2c11");

    private static readonly PersonalData Anna = new([Id], ["anna@x.org", "+4930901820"], ["CRM-000017", "7"]);

    [Theory]
    [InlineData("anna@x.org", true)]
    [InlineData("Anna <ANNA@X.ORG>", true)]
    [InlineData("mailto:anna@x.org?subject=a", true)]
    [InlineData("Ask anna@x.org.", true)]
    [InlineData("joanna@x.org, then anna@x.org", true)]
    [InlineData("joanna@x.org", false)]
    [InlineData("j.anna@x.org", false)]
    [InlineData("anna@x.org.uk", false)]
    [InlineData("anna@x.organic", false)]
    [InlineData("tel +4930901820", true)]
    [InlineData("+49309018201", false)]
    [InlineData("crm-000017", true)]
    [InlineData("CRM-0000170", false)]
    [InlineData("7", false)]
    [InlineData("a 01977C20-51B8-7D10-A6A5-9B1F0F6D2C11 b", true)]
    [InlineData("", false)]
    public void A_value_is_found_where_it_stands_by_itself(string text, bool isThere)
    {
        Assert.Equal(isThere, Anna.IsIn(text));
        Assert.Equal(isThere, Anna.IsIn(Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData("for anna@x.org and ANNA@X.ORG, not joanna@x.org", "for [erased] and [erased], not joanna@x.org")]
    [InlineData("id 01977c20-51b8-7d10-a6a5-9b1f0f6d2c11", "id 01977c20-51b8-7d10-a6a5-9b1f0f6d2c11")]
    public void A_mark_takes_the_place_of_a_value(string text, string replaced) => Assert.Equal(replaced, Anna.Replace(text));

    [Fact]
    public void Values_in_JSON_are_found_however_they_are_escaped()
    {
        Assert.Equal(
            """{"and":[{"field":"email","value":"[erased]"},{"value":[1,"[erased]",null]}]}""",
            Anna.ReplaceInJson("""{"and":[{"field":"email","value":"\u0061nna@x.org"},{"value":[1,"+4930901820",null]}]}"""));
        Assert.Equal("\"[erased]\"", Anna.ReplaceInJson("\"anna@x.org\""));
        Assert.Null(Anna.ReplaceInJson("""{"value":["joanna@x.org",{"not":null}]}"""));
    }

    [Fact]
    public void Of_an_object_about_a_person_only_the_id_is_left()
    {
        Assert.Equal(
            """{"ok":true,"result":{"items":[{"id":"1"},{"id":"2","email":"joanna@x.org"}],"rows":[["",""],["b"]]}}""",
            Anna.Redact(
                """
                {"ok":true,"result":{"items":[{"id":"1","email":"\u0061nna@x.org","name":"Anna"},{"id":"2","email":"joanna@x.org"}],
                "rows":[["anna@x.org",3],["b"]]}}
                """));
        Assert.Equal($$"""{"id":"{{Id}}"}""", Anna.Redact($$"""{"id":"{{Id}}","city":"Oslo"}"""));
        Assert.Null(Anna.Redact("""{"ok":true,"result":{"email":"joanna@x.org"}}"""));
    }
}
