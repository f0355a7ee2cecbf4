using System.Net;

namespace Driftwood.Tests.Platform;

public sealed class ValidationTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private readonly HttpClient _client = app.CreateClient();

    [Fact]
    public async Task Every_broken_rule_is_told_at_once_by_wire_names()
    {
        const string Body =
            """{"name":"much too long","ids":[],"lines":[{"article":"x"},{"article":"y","count":0},{"article":"z","count":10}]}""";
        var answer = (await _client.PostAsync("orders-check", Body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(["name: too_long", "lines[1].count: out_of_range", "lines[2].count: out_of_range"], answer.Details);
        Assert.Equal(
            "'count' must be between 1 and 9. You entered 0.",
            answer.Detail("lines[1].count").GetProperty("message").GetString());
    }

    [Fact]
    public async Task Shape_and_rules_are_told_together()
    {
        const string Body = """{"name":"much too long","colour":"blue","price":"9","lines":[{"article":"x","count":0}]}""";
        var answer = (await _client.PostAsync("orders-check", Body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal(
            ["colour: unknown_member", "price: wrong_type", "ids: required", "name: too_long", "lines[0].count: out_of_range"],
            answer.Details);
    }

    [Fact]
    public async Task A_rule_on_the_whole_request_has_no_field()
    {
        var id = Guid.NewGuid();
        var answer = await _client.PostAsync("orders-check", new { name = "a", ids = new[] { id, id } });
        Assert.Equal([": unbalanced"], answer.Details);
        Assert.Equal("Found more ids than letters.", answer.Error.GetProperty("message").GetString());
    }
}
