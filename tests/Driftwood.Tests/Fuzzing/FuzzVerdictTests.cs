namespace Driftwood.Tests.Fuzzing;

public sealed class FuzzVerdictTests
{
    private const string Failure = """{"ok":false,"error":{"code":"x","message":"y","details":[],"request_id":"z"}}""";

    private static readonly FuzzOperation Operation = new("POST", "/api/contacts-get", null, null, [], [], ["application/json"]);

    [Theory]
    [InlineData(200, """{"ok":true,"result":{"account_id":"x"}}""")]
    [InlineData(404, Failure)]
    public void A_right_answer_passes(int status, string body) => Assert.Null(FuzzVerdict.Of(Operation, status, "application/json", body));

    [Theory]
    [InlineData(500, Failure)]
    [InlineData(503, Failure)]
    [InlineData(200, Failure)]
    [InlineData(200, "[]")]
    [InlineData(200, "{")]
    [InlineData(400, """{"ok":true,"result":1}""")]
    [InlineData(404, """{"ok":false,"error":{"code":"x","message":"y","details":[]}}""")]
    [InlineData(404, """{"ok":false,"error":{"code":"x","message":"","details":[],"request_id":"z"}}""")]
    [InlineData(422, """{"ok":false,"error":{"code":"validation_failed","message":"y","details":[],"request_id":"z"}}""")]
    [InlineData(200, """{"ok":true,"result":"System.InvalidOperationException"}""")]
    [InlineData(200, """{"ok":true,"result":"where account_id = $1"}""")]
    [InlineData(200, """{"ok":true,"result":"/var/lib/driftwood/uploads"}""")]
    [InlineData(200, """{"ok":true,"result":"   at X.Y(String z) in Z.cs:line 1"}""")]
    public void A_wrong_answer_is_told(int status, string body) =>
        Assert.NotNull(FuzzVerdict.Of(Operation, status, "application/json", body));

    [Theory]
    [InlineData("text/csv; charset=utf-8", true)]
    [InlineData("application/zip", true)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void A_file_has_one_of_the_types_of_the_document(string? contentType, bool isRight)
    {
        var operation = Operation with { ContentTypes = ["text/csv", "application/zip"] };
        Assert.Equal(isRight, FuzzVerdict.Of(operation, 200, contentType, "a,b") is null);
    }

    [Fact]
    public void An_answer_that_is_no_JSON_is_told() => Assert.NotNull(FuzzVerdict.Of(Operation, 200, "text/html", "<html>"));
}
