using System.Net;
using System.Text;

namespace Driftwood.Tests.Platform;

public sealed class RequestShapeTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    private const string Id = "550e8400-e29b-41d4-a716-446655440000";
    private readonly HttpClient _client = app.CreateClient();

    [Theory]
    [InlineData("""{"name":"a","ids":[],"colour":"blue"}""", "colour: unknown_member")]
    [InlineData("""{"name":"a","ids":[],"Name":"b"}""", "Name: unknown_member")]
    [InlineData("""{"name":"a","ids":[],"lines":[{"article":"x","cuont":1}]}""", "lines[0].cuont: unknown_member")]
    [InlineData("""{"name":"a"}""", "ids: required")]
    [InlineData("""{"name":"a","ids":[],"lines":[{}]}""", "lines[0].article: required")]
    [InlineData("""{"name":7,"ids":[]}""", "name: wrong_type")]
    [InlineData("""{"name":null,"ids":[]}""", "name: wrong_type")]
    [InlineData("""{"name":"a","ids":"x"}""", "ids: wrong_type")]
    [InlineData("""{"name":"a","ids":{}}""", "ids: wrong_type")]
    [InlineData("""{"name":"a","ids":[null]}""", "ids[0]: wrong_type")]
    [InlineData("""{"name":"a","ids":["550e8400"]}""", "ids[0]: invalid_uuid")]
    [InlineData("""{"name":"a","ids":[],"color":"green"}""", "color: invalid_choice")]
    [InlineData("""{"name":"a","ids":[],"color":1}""", "color: wrong_type")]
    [InlineData("""{"name":"a","ids":[],"at":"2025-06-15T14:30:00"}""", "at: invalid_date")]
    [InlineData("""{"name":"a","ids":[],"at":"2025-06-15"}""", "at: invalid_date")]
    [InlineData("""{"name":"a","ids":[],"day":"15.06.2025"}""", "day: invalid_date")]
    [InlineData("""{"name":"a","ids":[],"price":1e400}""", "price: wrong_type")]
    [InlineData("""{"name":"a","ids":[],"urgent":"true"}""", "urgent: wrong_type")]
    [InlineData("""{"name":"a","ids":[],"lines":[{"article":"x","count":1.5}]}""", "lines[0].count: wrong_type")]
    [InlineData("""{"name":"a","ids":[],"lines":[{"article":"x","count":99999999999}]}""", "lines[0].count: wrong_type")]
    [InlineData("""{"name":"a","ids":[],"labels":{"k":null}}""", "labels.k: wrong_type")]
    [InlineData("""{"name":"a","name":"b","ids":[]}""", "name: duplicate_member")]
    [InlineData("""{"name":"a","ids":[],"fields":{"x":1,"x":2}}""", "fields.x: duplicate_member")]
    [InlineData("""{"name":"a\u0000","ids":[]}""", "name: invalid_characters")]
    [InlineData("""{"name":"a","ids":[],"fields":{"x":["\ud800"]}}""", "fields.x[0]: invalid_characters")]
    [InlineData("""{"name":"a","ids":[],"fields":{"x":"\ude00\ud83d"}}""", "fields.x: invalid_characters")]
    [InlineData("""{"name":"a","ids":[],"fields":{"\u0000":1}}""", "fields: invalid_characters")]
    public async Task A_member_that_does_not_fit_is_named(string body, string expected)
    {
        var answer = await _client.PostAsync("orders-check", body);
        answer.Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal([expected], answer.Details);
    }

    [Fact]
    public async Task What_does_fit_comes_back_as_it_was()
    {
        const string Body =
            """
            {"name":"Bø \\ud 😀 \ud83d\ude00","ids":["550E8400-E29B-41D4-A716-446655440000"],"color":"deep_red",
             "lines":[{"article":"x"},{"article":"y","count":2}],"labels":{"k":"v"},"mapping":{"A":null},
             "fields":{"any":[1,null,{"deep":true}]},"at":"2025-06-15T16:30:00.5+02:00","day":"2025-06-15","price":1.10}
            """;
        var answer = await _client.PostAsync("orders-check", Body);
        const string Expected =
            """
            {"ok":true,"result":{"name":"Bø \\ud \uD83D\uDE00 \uD83D\uDE00","ids":["550e8400-e29b-41d4-a716-446655440000"],
            "color":"deep_red","lines":[{"article":"x","count":1},{"article":"y","count":2}],"labels":{"k":"v"},"mapping":{"A":null},
            "fields":{"any":[1,null,{"deep":true}]},"at":"2025-06-15T14:30:00.5Z","day":"2025-06-15","price":1.10,
            "urgent":false}}
            """;
        Assert.Equal(Expected.ReplaceLineEndings(""), answer.Text);
    }

    [Fact]
    public async Task An_unknown_member_is_answered_with_the_accepted_ones_of_its_object()
    {
        var answer = await _client.PostAsync("orders-check", """{"name":"a","ids":[],"lines":[{"article":"x","cuont":1}]}""");
        var accepted = answer.Detail("lines[0].cuont").GetProperty("accepted").EnumerateArray().Select(a => a.GetString());
        Assert.Equal(["article", "count"], accepted);
    }

    [Fact]
    public async Task Messages_say_what_was_found_and_expected()
    {
        var answer = await _client.PostAsync("orders-check", """{"name":"a","ids":["x"],"color":"green","price":"9"}""");
        string MessageOf(string field) => answer.Detail(field).GetProperty("message").GetString()!;
        Assert.Equal("Found \"x\", expected a uuid such as 550e8400-e29b-41d4-a716-446655440000.", MessageOf("ids[0]"));
        Assert.Equal("Found \"green\", expected one of deep_red, blue or null.", MessageOf("color"));
        Assert.Equal("Found \"9\", expected a number or null.", MessageOf("price"));
        Assert.StartsWith("3 problems with the request. The first: ids[0]: Found", answer.Error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_hundred_thousand_bad_ids_are_told_by_the_first_hundred()
    {
        var ids = string.Join(',', Enumerable.Repeat("1", 100_000));
        var answer = await _client.PostAsync("orders-check", $$"""{"name":"a","ids":[{{ids}}]}""");
        Assert.Equal(100, answer.Details.Length);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"name\":\"a\",}")]
    [InlineData("{} {}")]
    [InlineData("{'name':1}")]
    [InlineData("// {}")]
    [InlineData("{\"name\":\"a\u0001\"}")]
    public async Task What_is_not_JSON_is_400(string body) =>
        (await _client.PostAsync("orders-check", body)).Expect(HttpStatusCode.BadRequest, "invalid_json");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"{}\"")]
    public async Task JSON_that_is_no_object_is_422(string body)
    {
        var answer = (await _client.PostAsync("orders-check", body)).Expect(HttpStatusCode.UnprocessableEntity, "validation_failed");
        Assert.Equal([": wrong_type"], answer.Details);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_400()
    {
        using var content = new ByteArrayContent([.. "{\"name\":\""u8, 0xFF, .. "\"}"u8]);
        (await PostAsync(content, "application/json")).Expect(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Fact]
    public async Task A_byte_order_mark_is_read_over()
    {
        using var content = new ByteArrayContent([0xEF, 0xBB, 0xBF, .. """{"name":"a","ids":[]}"""u8]);
        Assert.Equal("a", (await PostAsync(content, "application/json")).Result.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData(32, null)]
    [InlineData(200, "too_deep")]
    public async Task Depth_is_capped(int depth, string? code)
    {
        // The body and the member are two levels of the 32.
        var nested = new string('[', depth - 2) + new string(']', depth - 2);
        var answer = await _client.PostAsync("orders-check", $$"""{"name":"a","ids":[],"fields":{{nested}}}""");
        if (code is null)
            Assert.Equal("a", answer.Result.GetProperty("name").GetString());
        else
            Assert.EndsWith(code, Assert.Single(answer.Details));
    }

    [Fact]
    public async Task Hopeless_depth_is_not_parsed_at_all()
    {
        var body = new string('[', 1_000_000);
        (await _client.PostAsync("orders-check", body)).Expect(HttpStatusCode.BadRequest, "invalid_json");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData(null)]
    public async Task Another_content_type_is_415(string? contentType)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"name":"a","ids":["{{Id}}"]}"""));
        (await PostAsync(content, contentType)).Expect(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Fact]
    public async Task A_compressed_body_is_415()
    {
        using var content = new ByteArrayContent([0x1F, 0x8B]);
        content.Headers.ContentEncoding.Add("gzip");
        (await PostAsync(content, "application/json")).Expect(HttpStatusCode.UnsupportedMediaType, "unsupported_media_type");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_beyond_eight_mebibytes_is_413_with_and_without_a_length(bool chunked)
    {
        var json = $$"""{"name":"{{new string('a', 8 * 1024 * 1024)}}","ids":[]}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/orders-check")
        {
            Content = new StringContent(json, Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;
        (await _client.AskAsync(request)).Expect(HttpStatusCode.RequestEntityTooLarge, "request_too_large");
    }

    private Task<Answer> PostAsync(HttpContent content, string? contentType)
    {
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return _client.AskAsync(new HttpRequestMessage(HttpMethod.Post, "/api/orders-check") { Content = content });
    }
}
