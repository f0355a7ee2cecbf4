using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>The API with Fulcrum's routes on for all accounts. One form of Fulcrum became the record type testing_app.</summary>
public sealed class FulcrumApp(PostgresServer server) : ImportsApp(server)
{
    public const string OldForm = "81413088-71b9-11ee-b962-0242ac120002";

    private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
    [
        ("Driftwood:Compat:Fulcrum:Accounts", "*"),
        ($"Driftwood:Compat:Fulcrum:Forms:{OldForm}", "testing_app"),
        ("Driftwood:Jobs:MaxActiveJobsPerAccount", "3"),
    ];

    /// <summary>Makes an account with the record type testing_app.</summary>
    /// <returns>A client of Driftwood's own routes, and one of Fulcrum's.</returns>
    internal async Task<(HttpClient Native, HttpClient Fulcrum)> CreateClientsAsync()
    {
        var account = await CreateAccountAsync();
        var native = CreateClient(account);
        _ = (await native.PostAsync("record-types-create", new { key = "testing_app", name = "Testing App" })).Result;
        var status = new { record_type = "testing_app", key = "status", label = "Status", kind = "text" };
        _ = (await native.PostAsync("fields-create", status)).Result;
        return (native, CreateFulcrum(account.Token));
    }

    internal HttpClient CreateFulcrum(string? token)
    {
        var client = CreateStranger();
        if (token is not null) client.DefaultRequestHeaders.Add("X-ApiToken", token);
        return client;
    }
}

internal static class FulcrumSteps
{
    public static Task<Answer> FulcrumAsync(
        this HttpClient client, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v2/{path}");
        if (body is not null)
        {
            var json = body as string ?? JsonSerializer.Serialize(body);
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        return client.AskAsync(request);
    }

    public static Task<Answer> FulcrumGetAsync(this HttpClient client, string path) =>
        client.AskAsync(new HttpRequestMessage(HttpMethod.Get, $"/api/v2/{path}"));

    /// <summary>Makes a batch of one operation.</summary>
    public static Task<Answer> MakeBatchAsync(this HttpClient client, object operation, bool start) =>
        client.FulcrumAsync("batch.json", new { batch = new { start, operations = new[] { operation } } });

    public static async Task<JsonElement> TestingRecordAsync(this HttpClient native, string name, string status) =>
        (await native.PostAsync("records-create", new { record_type = "testing_app", fields = new { name, status } })).Result;

    public static async Task<string> CountAsync(this HttpClient native, string type) =>
        (await native.PostAsync("records-count", new { record_type = type })).Result.GetProperty("count").ToString();

    /// <summary>The batch of a success. Fails the test for any other answer.</summary>
    public static JsonElement Batch(this Answer answer)
    {
        Assert.True(answer.Status == System.Net.HttpStatusCode.OK, $"{(int)answer.Status}: {answer.Text}");
        return answer.Body.GetProperty("batch");
    }

    /// <summary>Polls until the batch has ended.</summary>
    /// <returns><c>status success/total</c>.</returns>
    public static async Task<string> FinishBatchAsync(this HttpClient client, JsonElement batch)
    {
        var ended = await Eventually.GetAsync(
            async () => (await client.FulcrumGetAsync($"batch/{batch.Text("id")}.json")).Batch(),
            found => found.Text("status") is "success" or "failed");
        return ended.BatchOutcome();
    }

    /// <summary><c>status success/total</c>.</summary>
    public static string BatchOutcome(this JsonElement batch) =>
        $"{batch.Text("status")} {batch.GetProperty("objects_success")}/{batch.GetProperty("objects_total")}";

    /// <summary>The members of a 422 with their first messages.</summary>
    public static string BatchErrors(this Answer answer)
    {
        Assert.True(answer.Status == System.Net.HttpStatusCode.UnprocessableEntity, $"{(int)answer.Status}: {answer.Text}");
        var errors = answer.Body.GetProperty("batch").GetProperty("errors");
        return string.Join("; ", errors.EnumerateObject().Select(error => $"{error.Name}: {error.Value[0].GetString()}"));
    }
}
