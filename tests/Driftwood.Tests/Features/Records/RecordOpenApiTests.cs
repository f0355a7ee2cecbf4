using System.Net.Http.Json;
using System.Text.Json;
using Driftwood.Engine.Records;
using Xunit;

namespace Driftwood.Tests.Features.Records;

public sealed class RecordOpenApiTests(RecordsApp app) : IClassFixture<RecordsApp>
{
    [Fact]
    public async Task Describes_every_field_of_every_type_and_examples_that_work()
    {
        using var client = app.CreateClient();
        var document = await client.GetFromJsonAsync<JsonElement>("/swagger/v1/swagger.json", TestContext.Current.CancellationToken);
        foreach (var type in RecordTypes.BuiltIn)
        {
            var create = Operation(document, $"{type.Key}-create");
            var body = create.GetProperty("requestBody").GetProperty("content").GetProperty("application/json");
            Assert.Equal([.. type.Fields.Select(field => field.Key), "custom"], body.GetProperty("schema").GetProperty("properties").EnumerateObject().Select(member => member.Name));
            Assert.False(body.GetProperty("schema").GetProperty("additionalProperties").GetBoolean());
            var example = await client.PostAsync($"/api/{type.Key}-create", JsonContent.Create(body.GetProperty("example")), TestContext.Current.CancellationToken);
            Assert.True(example.IsSuccessStatusCode, await example.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            var made = await example.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
            var answer = create.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json");
            var members = made.GetProperty("result").EnumerateObject().Select(member => member.Name).ToList();
            Assert.Equal(members, answer.GetProperty("example").GetProperty("result").EnumerateObject().Select(member => member.Name));
            Assert.Equal($"#/components/schemas/{type.Key}_record", answer.GetProperty("schema").GetProperty("properties").GetProperty("result").GetProperty("$ref").GetString());
            var schema = document.GetProperty("components").GetProperty("schemas").GetProperty($"{type.Key}_record");
            Assert.Equal(members, schema.GetProperty("properties").EnumerateObject().Select(member => member.Name));
        }
    }

    private static JsonElement Operation(JsonElement document, string route) => document.GetProperty("paths").GetProperty($"/api/{route}").GetProperty("post");
}
