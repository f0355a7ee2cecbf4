using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.FaultTests.Campaign;

/// <summary>One caller of the API. It retries at another node while nodes and the database come and go.</summary>
/// <param name="token">The caller's token.</param>
/// <param name="apis">The nodes that answer HTTP.</param>
/// <param name="tally">Counts the 5xx answers.</param>
internal sealed class Caller(string token, IReadOnlyList<Node> apis, Tally tally)
{
    private static readonly HttpClient Http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan PollPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan GivenUp = TimeSpan.FromMinutes(3);

    private int _turn;

    /// <summary>Repeats a call until it succeeds and returns its result. A create keeps the key of its first try.</summary>
    /// <exception cref="InvalidOperationException">The call is refused, or no node answers for minutes.</exception>
    public async Task<JsonElement> PostAsync(string route, object body)
    {
        var text = body as string ?? JsonSerializer.Serialize(body);
        var key = $"{Guid.NewGuid():n}";
        return await UntilAnsweredAsync(route, node => TryPostAsync(node, route, text, key, Patience));
    }

    /// <summary>Repeats a call until it succeeds and returns its answer, which is a file.</summary>
    /// <exception cref="InvalidOperationException">The call is refused, or no node answers for minutes.</exception>
    public async Task<string> FileAsync(string route, object body)
    {
        var text = JsonSerializer.Serialize(body);
        string? file = null;
        await UntilAnsweredAsync(route, node => TryAsync(route, NewPost(node, route, text), Patience, (name, status, answer) =>
        {
            if (status != HttpStatusCode.OK) return Read(name, status, answer);
            file = answer;
            return default(JsonElement);
        }));
        return file!;
    }

    /// <summary>Requests a bulk job through a door. It repeats the request with one key until it is answered.</summary>
    /// <exception cref="InvalidOperationException">The request is refused, or no node answers for minutes.</exception>
    public async Task<Guid> StartAsync(Door door, JsonObject job)
    {
        var (path, text, key) = (door.Path(job), door.Body(job).ToJsonString(), $"{Guid.NewGuid():n}");
        return door.IdIn(await UntilAnsweredAsync(path, node =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node, path))
            {
                Content = new StringContent(text, Encoding.UTF8, "application/json"),
            };
            var (name, value) = door.Credentials(token);
            request.Headers.TryAddWithoutValidation(name, value);
            request.Headers.Add("Idempotency-Key", key);
            return TryAsync(path, request, Patience, ReadWhole);
        }));
    }

    /// <summary>Polls once. Returns null when no node answered.</summary>
    public async Task<JsonElement?> PollAsync(string route, Guid id)
    {
        if (NextNode() is not { } node) return null;
        return await TryPostAsync(node, route, JsonSerializer.Serialize(new { id }), null, PollPatience);
    }

    /// <summary>PUTs a file to a signed URL at any node that takes it.</summary>
    public Task PutAsync(Uri signed, byte[] file) => UntilAnsweredAsync("PUT", node =>
    {
        var request = new HttpRequestMessage(HttpMethod.Put, new Uri(node, signed.PathAndQuery)) { Content = new ByteArrayContent(file) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return TryAsync("PUT", request, Patience);
    });

    /// <summary>Returns every item of a list, page after page.</summary>
    public async Task<IReadOnlyList<JsonElement>> AllAsync(string route, object request)
    {
        var body = JsonSerializer.SerializeToNode(request)!.AsObject();
        body["limit"] = 1000;
        List<JsonElement> items = [];
        do
        {
            var page = await PostAsync(route, body.ToJsonString());
            items.AddRange(page.GetProperty("items").EnumerateArray());
            body["cursor"] = JsonNode.Parse(page.GetProperty("next_cursor").GetRawText());
        }
        while (body["cursor"] is not null);
        return items;
    }

    private async Task<JsonElement> UntilAnsweredAsync(string route, Func<Uri, Task<JsonElement?>> attempt)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < GivenUp)
        {
            if (NextNode() is { } node && await attempt(node) is { } result) return result;
            await Task.Delay(Retry);
        }

        throw new InvalidOperationException($"{route} was not answered for {GivenUp}.");
    }

    private Uri? NextNode()
    {
        var there = apis.Select(node => node.Address).OfType<Uri>().ToList();
        return there.Count == 0 ? null : there[(int)((uint)Interlocked.Increment(ref _turn) % there.Count)];
    }

    private Task<JsonElement?> TryPostAsync(Uri node, string route, string body, string? key, TimeSpan patience)
    {
        var request = NewPost(node, route, body);
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return TryAsync(route, request, patience);
    }

    private HttpRequestMessage NewPost(Uri node, string route, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(node, $"/api/{route}"))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private Task<JsonElement?> TryAsync(string route, HttpRequestMessage request, TimeSpan patience) =>
        TryAsync(route, request, patience, Read);

    private static async Task<JsonElement?> TryAsync(
        string route, HttpRequestMessage request, TimeSpan patience, Func<string, HttpStatusCode, string, JsonElement?> read)
    {
        using var limit = new CancellationTokenSource(patience);
        try
        {
            using (request)
            using (var response = await Http.SendAsync(request, limit.Token))
            {
                var text = await response.Content.ReadAsStringAsync(limit.Token);
                return read(route, response.StatusCode, text);
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return null;
        }
    }

    // The answers of other services have no envelope. A 409 means that the first request with the key still runs, except where the
    // service counts other records than the campaign does: that is a fault, and another try would get the same answer.
    private JsonElement? ReadWhole(string route, HttpStatusCode status, string text)
    {
        if ((int)status < 300) return JsonElement.Parse(text);
        if ((int)status >= 500) tally.Answered(route, (int)status, "of another service");
        var isRunning = status == HttpStatusCode.Conflict && !text.Contains("count_mismatch", StringComparison.Ordinal);
        if ((int)status >= 500 || status == HttpStatusCode.TooManyRequests || isRunning) return null;
        throw new InvalidOperationException($"{route} was refused: {(int)status} {text}");
    }

    // A 409 with a key means that its first request still runs. A 503 or 429 itself asks for another try.
    private JsonElement? Read(string route, HttpStatusCode status, string text)
    {
        var body = JsonElement.Parse(text);
        if (status == HttpStatusCode.OK) return body.GetProperty("result");
        var code = body.GetProperty("error").GetProperty("code").GetString()!;
        if ((int)status >= 500) tally.Answered(route, (int)status, code);
        if ((int)status >= 500 || status == HttpStatusCode.TooManyRequests || code is "request_in_progress" or "record_type_changed")
        {
            return null;
        }
        throw new InvalidOperationException($"{route} was refused: {(int)status} {text}");
    }
}
