using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>The API with Knock's routes on for all accounts, without rate tiers.</summary>
public sealed class KnockApp(PostgresServer server) : ImportsApp(server)
{
    private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
        [("Driftwood:Compat:Knock:Accounts", "*"), ("Driftwood:Compat:Knock:RateTiers", "false")];
}

/// <summary>What Knock's clients do, over HTTP.</summary>
internal static class KnockSteps
{
    /// <summary>Sends a request. Without a body it has no Content-Type either.</summary>
    public static async Task<Answer> KnockAsync(
        this HttpClient client, string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/{path}");
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.AskAsync(request);
    }

    /// <summary>Starts a bulk operation and waits for its end.</summary>
    public static async Task<JsonElement> RunKnockAsync(this HttpClient client, string path, object? body = null)
    {
        var answer = await client.KnockAsync("POST", path, body);
        Assert.True(answer.Status == System.Net.HttpStatusCode.OK, answer.Text);
        var progress = answer.Body.GetProperty("progress_path").GetString()!["/v1/".Length..];
        return await Eventually.GetAsync(
            async () => (await client.KnockAsync("GET", progress)).Body,
            operation => operation.GetProperty("status").GetString() is "completed" or "failed");
    }

    /// <summary><c>status processed/estimated, n succeeded, n failed</c>.</summary>
    public static string Outcome(this JsonElement operation) =>
        $"{operation.GetProperty("status")} {operation.GetProperty("processed_rows")}/{operation.GetProperty("estimated_total_rows")}, "
        + $"{operation.GetProperty("success_count")} succeeded, {operation.GetProperty("error_count")} failed";

    /// <summary>The ids of the failed items.</summary>
    public static string[] ErrorIds(this JsonElement operation) =>
        [.. operation.GetProperty("error_items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    /// <summary><c>field type</c> of each reason of a 422.</summary>
    public static string[] Errors(this Answer answer) =>
        [.. answer.Body.GetProperty("errors").EnumerateArray()
            .Select(error => $"{error.GetProperty("field")} {error.GetProperty("type")}")];

    public static string[] Names(this JsonElement json) => [.. json.EnumerateObject().Select(member => member.Name)];

    /// <summary>Makes a custom type with the field <c>price</c>.</summary>
    public static async Task MakeCollectionAsync(this HttpClient client, string key)
    {
        _ = (await client.PostAsync("record-types-create", new { key, name = key })).Result;
        _ = (await client.PostAsync("fields-create", new { record_type = key, key = "price", kind = "integer" })).Result;
    }
}
