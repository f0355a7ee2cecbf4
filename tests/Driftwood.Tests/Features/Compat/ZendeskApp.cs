using System.Net;
using System.Text;
using System.Text.Json;
using Driftwood.Tests.Features.Imports;

namespace Driftwood.Tests.Features.Compat;

/// <summary>The API with Zendesk's routes on for all accounts, and room for three bulk jobs per account at a time.</summary>
public sealed class ZendeskApp(PostgresServer server) : ImportsApp(server)
{
    private protected override IEnumerable<(string Key, string Value)> MoreSettings =>
        [("Driftwood:Compat:Zendesk:Accounts", "*"), ("Driftwood:Jobs:MaxActiveJobsPerAccount", "3")];

    /// <summary>A client of a new account with the type <c>car</c>: unique names, <c>color</c> and the integer <c>price</c>.</summary>
    public async Task<HttpClient> CreateCarsAsync()
    {
        var client = await CreateClientAsync();
        await client.MakeCarsAsync();
        return client;
    }
}

/// <summary>What a program of Zendesk's does.</summary>
internal static class ZendeskSteps
{
    public const string Jobs = "/api/v2/custom_objects/car/jobs";
    public const string Records = "/api/v2/custom_objects/car/records";

    public static async Task MakeCarsAsync(this HttpClient client)
    {
        _ = (await client.PostAsync("record-types-create", new { key = "car", name = "Cars", name_is_unique = true })).Result;
        _ = (await client.PostAsync("fields-create", new { record_type = "car", key = "color", label = "Color", kind = "text" })).Result;
        _ = (await client.PostAsync("fields-create", new { record_type = "car", key = "price", label = "Price", kind = "integer" })).Result;
    }

    /// <param name="client">The caller.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The path and query.</param>
    /// <param name="body">A string is sent unchanged, anything else as JSON; null sends none.</param>
    /// <param name="headers">Further headers.</param>
    public static async Task<Answer> SendAsync(
        this HttpClient client, string method, string path, object? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await client.AskAsync(request);
    }

    /// <summary>Reads a path; the answer must be 200 and the client's kind of JSON.</summary>
    public static async Task<JsonElement> ReadAsync(this HttpClient client, string path)
    {
        var answer = await client.SendAsync("GET", path);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{path}: {(int)answer.Status} {answer.Text}");
        Assert.Equal("application/json; charset=utf-8", answer.ContentHeaders.ContentType!.ToString());
        Assert.Null(answer.Header("Retry-After"));
        return answer.Body;
    }

    public static Task<Answer> MakeJobAsync(this HttpClient client, string action, object[] items, string key = "car") =>
        client.SendAsync("POST", $"/api/v2/custom_objects/{key}/jobs", new { job = new { action, items } });

    /// <summary>Makes a job and waits for its end.</summary>
    public static async Task<JsonElement> FinishAsync(this HttpClient client, string action, object[] items, string key = "car")
    {
        var made = await client.MakeJobAsync(action, items, key);
        Assert.True(made.Status == HttpStatusCode.Created, $"{(int)made.Status} {made.Text}");
        return await client.WatchAsync(made.Body.GetProperty("job_status").Text("id"));
    }

    /// <summary>Waits for the end of a job as the client does.</summary>
    public static Task<JsonElement> WatchAsync(this HttpClient client, string? id) => Eventually.GetAsync(
        async () => (await client.ReadAsync($"/api/v2/job_statuses/{id}.json")).GetProperty("job_status"),
        job => job.Text("status") is "completed" or "failed" or "killed");

    /// <summary>The results as compact JSON, one each.</summary>
    public static string[] Results(this JsonElement job) =>
        [.. job.GetProperty("results").EnumerateArray().Select(result => JsonSerializer.Serialize(result))];

    /// <summary>The id in the results at an index.</summary>
    public static string IdAt(this JsonElement job, int index) => job.GetProperty("results")[index].GetProperty("id").GetString()!;

    /// <summary>Checks a refusal: the status and the exact body.</summary>
    public static void Expect(this Answer answer, int status, string body)
    {
        Assert.Equal($"{status} {body}", $"{(int)answer.Status} {answer.Text}");
        Assert.Equal(status is 429 or 503, answer.Header("Retry-After") is not null);
    }

    /// <summary><c>member: description</c> of each entry of the details of a 422.</summary>
    public static string[] Faults(this Answer answer)
    {
        Assert.True((int)answer.Status == 422, $"{(int)answer.Status} {answer.Text}");
        Assert.Equal(["RecordInvalid", "Record validation errors"], [answer.Body.Text("error"), answer.Body.Text("description")]);
        Assert.Null(answer.Header("Retry-After"));
        return
        [
            .. answer.Body.GetProperty("details").EnumerateObject().SelectMany(member => member.Value.EnumerateArray().Select(fault =>
            {
                Assert.Equal("InvalidValue", fault.Text("error"));
                return $"{member.Name}: {fault.Text("description")}";
            })),
        ];
    }
}
