using System.Text.Json;

namespace Driftwood.Tests.Features.Compat;

/// <summary>Sends the examples of the OpenAPI document and compares the answers with theirs.</summary>
public sealed class ZendeskExampleTests(ZendeskApp app) : IClassFixture<ZendeskApp>
{
    [Fact]
    public async Task Every_route_is_described_and_answers_its_example_with_the_same_members()
    {
        using var client = await app.CreateCarsAsync();
        var paths = (await client.SendAsync("GET", "/swagger/v1/swagger.json")).Body.GetProperty("paths").EnumerateObject();
        var operations = paths
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, Method: operation.Name, operation.Value)))
            .Where(operation => operation.Value.GetProperty("tags").EnumerateArray().Any(tag => tag.GetString() == "Zendesk"))
            .OrderByDescending(operation => operation.Method).ToList();
        Assert.Equal(
            [
                "post /api/v2/custom_objects/{key}/jobs",
                "get /api/v2/job_statuses",
                "get /api/v2/job_statuses/show_many",
                "get /api/v2/job_statuses/{id}",
                "get /api/v2/custom_objects/{key}/records",
                "get /api/v2/custom_objects/{key}/records/{id}",
            ],
            operations.Select(operation => $"{operation.Method} {operation.Name}"));
        var (job, record) = ("", "");
        foreach (var (path, method, operation) in operations)
        {
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()));
            var query = operation.GetProperty("parameters").EnumerateArray()
                .Where(parameter => parameter.GetProperty("in").GetString() == "query" && parameter.TryGetProperty("example", out _))
                .Select(parameter => $"{parameter.GetProperty("name").GetString()}={parameter.GetProperty("example").GetString()}");
            var target = path.Replace("{key}", "car", StringComparison.Ordinal)
                .Replace("{id}", path.Contains("records", StringComparison.Ordinal) ? record : job, StringComparison.Ordinal);
            object? body = operation.TryGetProperty("requestBody", out var given) ? Example(given).GetRawText() : null;
            target = $"{target}?{string.Join('&', query)}".Replace(Id, job, StringComparison.Ordinal);
            var answer = await client.SendAsync(method, target, body);
            var status = method == "post" ? "201" : "200";
            Assert.Equal($"{path} {status}", $"{path} {(int)answer.Status}");
            Assert.Equal(Members(Example(operation.GetProperty("responses").GetProperty(status))), Members(answer.Body));
            foreach (var failed in new[] { "401", "403", "404", "503" })
            {
                Assert.True(Example(operation.GetProperty("responses").GetProperty(failed)).TryGetProperty("error", out _));
            }

            if (method != "post") continue;
            job = answer.Body.GetProperty("job_status").GetProperty("id").GetString()!;
            record = (await client.WatchAsync(job)).IdAt(0);
            _ = await client.FinishAsync("create", [new { name = "x", external_id = "car-2" }]);
            job = (await client.FinishAsync("create", [new { name = "y" }])).GetProperty("id").GetString()!;
        }
    }

    // An id that examples have for a job or a record.
    private const string Id = "01977c24-aa0e-7840-8e29-b41d4a716446";

    private static JsonElement Example(JsonElement holder) => holder.GetProperty("content").GetProperty("application/json")
        .GetProperty("examples").GetProperty("example").GetProperty("value");

    // The members in their order, and those of the first element of a list. Fields of records differ by type.
    private static string Members(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(",", json.EnumerateObject().Select(member =>
            member.Name is "results" or "links" or "meta" ? member.Name : member.Name + Members(member.Value)))}}}",
        JsonValueKind.Array => $"[{Members(json[0])}]",
        _ => "",
    };
}
