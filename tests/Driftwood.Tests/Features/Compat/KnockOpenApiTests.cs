using System.Net;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Sends the examples of the description, and compares its answers with those that came.</summary>
public sealed class KnockOpenApiTests(KnockApp app) : IClassFixture<KnockApp>
{
    [Fact]
    public async Task Every_example_is_accepted_and_its_answer_has_the_members_of_the_real_one()
    {
        using var client = await app.CreateClientAsync();
        await client.MakeCollectionAsync("projects");
        var document = (await client.AskAsync(new HttpRequestMessage(HttpMethod.Get, "/swagger/v1/swagger.json"))).Body;
        var routes = document.GetProperty("paths").EnumerateObject()
            .Where(path => path.Name.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(path => path.Value.EnumerateObject().Select(route => (Path: path.Name, Method: route.Name, Route: route.Value)))
            .OrderBy(route => route.Method == "post" ? 0 : 1).ToList();
        Assert.Equal(13, routes.Count);
        var operation = ""; // of a request before: those that read come last
        foreach (var (path, method, route) in routes.Where(route => !route.Path.Contains("delete", StringComparison.Ordinal)))
        {
            Assert.Equal("Knock", route.GetProperty("tags")[0].GetString());
            Assert.NotEmpty(route.GetProperty("summary").GetString()!);
            var (request, expected) = (ExampleOf(route, "requestBody"), Example(route.GetProperty("responses").GetProperty("200")));
            var sent = path["/v1/".Length..].Replace("{collection}", "projects", StringComparison.Ordinal)
                .Replace("{id}", path.Contains("bulk_", StringComparison.Ordinal) ? operation : IdOf(path), StringComparison.Ordinal);
            if (request is { } body)
            {
                var done = await client.RunKnockAsync(sent, JsonSerializer.Serialize(body));
                Assert.Equal(expected.Names(), done.Names());
                Assert.Equal(expected.GetProperty("name").GetString(), done.GetProperty("name").GetString());
                Assert.Equal("completed 2/2, 2 succeeded, 0 failed", done.Outcome());
                operation = done.GetProperty("id").GetString()!;
                continue;
            }

            var answer = await client.KnockAsync(method.ToUpperInvariant(), sent);
            Assert.True(answer.Status == HttpStatusCode.OK, $"{sent}: {answer.Text}");
            Assert.Equal(expected.Names(), answer.Body.Names());
        }

        foreach (var (path, _, route) in routes.Where(route => route.Path.Contains("delete", StringComparison.Ordinal)))
        {
            var done = await client.RunKnockAsync(
                path["/v1/".Length..].Replace("{collection}", "projects", StringComparison.Ordinal),
                JsonSerializer.Serialize(ExampleOf(route, "requestBody")));
            Assert.Equal("completed 2/2, 2 succeeded, 0 failed", done.Outcome());
        }
    }

    private static string IdOf(string path) =>
        path.Contains("users", StringComparison.Ordinal) ? "user_1"
        : path.Contains("tenants", StringComparison.Ordinal) ? "tenant_1"
        : "project_1";

    private static JsonElement? ExampleOf(JsonElement route, string member) =>
        route.TryGetProperty(member, out var holder) ? Example(holder) : null;

    private static JsonElement Example(JsonElement holder) =>
        holder.GetProperty("content").EnumerateObject().Single().Value.GetProperty("examples").GetProperty("example").GetProperty("value");
}
