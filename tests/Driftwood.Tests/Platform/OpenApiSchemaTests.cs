using System.Text.Json;

namespace Driftwood.Tests.Platform;

public sealed class OpenApiSchemaTests(ProbeApp app) : IClassFixture<ProbeApp>
{
    [Fact]
    public async Task Requests_and_the_objects_within_are_closed_and_name_what_they_need()
    {
        var schemas = await SchemasAsync();
        Assert.Equal("""["name","ids"]""", Required(schemas, "ProbesOrder"));
        Assert.Equal("""["article"]""", Required(schemas, "ProbesLine"));
        Assert.False(schemas.GetProperty("ProbesLine").GetProperty("additionalProperties").GetBoolean());
    }

    [Fact]
    public async Task Choices_are_listed_as_they_are_on_the_wire()
    {
        var schemas = await SchemasAsync();
        Assert.Equal("""["deep_red","blue"]""", Compact(schemas.GetProperty("ProbesColor").GetProperty("enum")));
        var color = schemas.GetProperty("ProbesOrder").GetProperty("properties").GetProperty("color");
        Assert.True(color.GetProperty("nullable").GetBoolean(), Compact(color));
    }

    [Fact]
    public async Task A_file_is_described_by_its_own_content_type()
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty("/api/orders-file").GetProperty("post");
        Assert.True(operation.GetProperty("responses").GetProperty("200").GetProperty("content").TryGetProperty("text/csv", out _));
    }

    [Fact]
    public async Task A_create_takes_an_idempotency_key()
    {
        var operation = (await DocumentAsync()).GetProperty("paths").GetProperty("/api/orders-create").GetProperty("post");
        Assert.Equal("Idempotency-Key", operation.GetProperty("parameters")[0].GetProperty("name").GetString());
    }

    private static string Required(JsonElement schemas, string name) => Compact(schemas.GetProperty(name).GetProperty("required"));

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    private async Task<JsonElement> SchemasAsync() =>
        (await DocumentAsync()).GetProperty("components").GetProperty("schemas");

    private async Task<JsonElement> DocumentAsync() =>
        (await app.CreateClient().AskAsync(new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json"))).Body;
}
