using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Infrastructure;

/// <summary>Posts to /api/… for one caller.</summary>
internal static class ApiClient
{
    /// <param name="body">A string is sent unchanged, and anything else is sent as JSON. An empty string sends no body.</param>
    public static async Task<Answer> PostAsync(
        this HttpClient client, string route, object body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/{route}");
        if (body is not "")
        {
            request.Content = new StringContent(
                body as string ?? JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await client.AskAsync(request);
    }

    public static async Task<Answer> AskAsync(this HttpClient client, HttpRequestMessage request)
    {
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, text, response.Headers, response.Content.Headers);
    }

    public static HttpClient As(this HttpClient client, string? token)
    {
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}

internal sealed record Answer(
    HttpStatusCode Status, string Text, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public JsonElement Body => JsonDocument.Parse(Text).RootElement;

    /// <summary>The result of a success. Fails the test for any other answer.</summary>
    public JsonElement Result
    {
        get
        {
            Assert.True(Status == HttpStatusCode.OK, $"{(int)Status}: {Text}");
            Assert.True(Body.GetProperty("ok").GetBoolean());
            return Body.GetProperty("result");
        }
    }

    public JsonElement Error
    {
        get
        {
            Assert.False(Body.GetProperty("ok").GetBoolean());
            return Body.GetProperty("error");
        }
    }

    public string Code => Error.GetProperty("code").GetString()!;

    /// <summary><c>field: code</c> of every detail, in order.</summary>
    public string[] Details =>
        [.. Error.GetProperty("details").EnumerateArray()
            .Select(detail => $"{detail.GetProperty("field").GetString()}: {detail.GetProperty("code").GetString()}")];

    public JsonElement Detail(string field) =>
        Error.GetProperty("details").EnumerateArray().Single(d => d.GetProperty("field").GetString() == field);

    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) ? string.Join(",", values) : null;

    /// <summary>Checks the status and the code. A failure shows the whole answer.</summary>
    public Answer Expect(HttpStatusCode status, string code)
    {
        Assert.True(Status == status && Code == code, $"Expected {(int)status} {code}, got {(int)Status}: {Text}");
        return this;
    }
}
