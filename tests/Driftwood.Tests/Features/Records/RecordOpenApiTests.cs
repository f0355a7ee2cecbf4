using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Driftwood.Engine.Records.Types;
using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordOpenApiTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    [Fact]
    public async Task Describes_every_field_of_every_type()
    {
        using var client = app.CreateClient();
        var document = await DocumentAsync(client);
        foreach (var type in RecordTypes.BuiltIn)
        {
            var name = char.ToUpperInvariant(type.Key[0]) + type.Key[1..];
            var schemas = document.GetProperty("components").GetProperty("schemas");
            var asked = Media(Operation(document, $"{type.Key}-create").GetProperty("requestBody")).GetProperty("schema");
            Assert.Equal($"#/components/schemas/{name}CreateRequest", asked.GetProperty("$ref").GetString());
            var request = schemas.GetProperty($"{name}CreateRequest");
            Assert.Equal([.. type.Fields.Select(field => field.Key), "custom"], Names(request.GetProperty("properties")));
            // Custom fields differ from account to account. They may appear beside the other fields.
            Assert.False(request.TryGetProperty("additionalProperties", out _));
            var answer = Media(Operation(document, $"{type.Key}-get").GetProperty("responses").GetProperty("200")).GetProperty("schema");
            Assert.Equal($"#/components/schemas/{name}RecordEnvelopeSuccessBody", answer.GetProperty("$ref").GetString());
            var result = schemas.GetProperty($"{name}RecordEnvelopeSuccessBody").GetProperty("properties").GetProperty("result");
            Assert.Equal($"#/components/schemas/{name}Record", result.GetProperty("$ref").GetString());
            var record = schemas.GetProperty($"{name}Record");
            Assert.Equal(
                ["id", .. type.Columns.Select(field => field.Key), "custom", "tags", "created_at", "created_by", "updated_at",
                    "updated_by"],
                Names(record.GetProperty("properties")));
        }
    }

    [Theory]
    [InlineData("records")]
    [InlineData("contacts")]
    [InlineData("companies")]
    [InlineData("sources")]
    public async Task Every_example_works_and_is_answered_in_the_shape_shown(string noun)
    {
        using var client = await app.CreateClientOfNewAsync();
        var document = await DocumentAsync(client);
        string? id = null;
        foreach (var verb in new[] { "create", "get", "list", "count", "update", "delete" })
        {
            var operation = Operation(document, $"{noun}-{verb}");
            var request = JsonNode.Parse(Example(operation.GetProperty("requestBody")).GetRawText())!;
            if (request["id"] is not null) request["id"] = id;
            var result = (await client.PostAsync($"{noun}-{verb}", request.ToJsonString())).Result;
            if (verb == "create") id = result.GetProperty("id").GetString();
            var shown = Example(operation.GetProperty("responses").GetProperty("200")).GetProperty("result");
            Assert.Equal(Names(shown), Names(result));
            if (verb == "list") Assert.Equal(Names(shown.GetProperty("items")[0]), Names(result.GetProperty("items")[0]));
        }
    }

    private static Task<JsonElement> DocumentAsync(HttpClient client) =>
        client.GetFromJsonAsync<JsonElement>("/swagger/v1/swagger.json", TestContext.Current.CancellationToken);

    private static JsonElement Operation(JsonElement document, string route) =>
        document.GetProperty("paths").GetProperty($"/api/{route}").GetProperty("post");

    private static JsonElement Media(JsonElement holder) => holder.GetProperty("content").GetProperty("application/json");

    private static JsonElement Example(JsonElement holder) =>
        Media(holder).GetProperty("examples").GetProperty("example").GetProperty("value");

    private static IEnumerable<string> Names(JsonElement members) => members.EnumerateObject().Select(member => member.Name);
}
