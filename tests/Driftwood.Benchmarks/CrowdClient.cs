using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Driftwood.Benchmarks;

/// <summary>
/// The clients of one account. They remember the ids of what the account has, so that requests that need one name something that exists.
/// </summary>
internal sealed class CrowdClient : IDisposable
{
    private const int MaxIds = 50;

    private const string Deleted = "-deleted";

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxAnswer = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http;
    private readonly IReadOnlyList<DocumentRoute> _routes;
    private readonly IReadOnlyList<string> _nouns;
    private readonly ClientAnswers _answers;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _ids = new();
    private int _made;

    public CrowdClient(Uri address, string token, IReadOnlyList<DocumentRoute> routes, ClientAnswers answers)
    {
        (_routes, _answers) = (routes, answers);
        _nouns = [.. routes.Where(route => route.Name.EndsWith("-list", StringComparison.Ordinal)).Select(route => route.Name[..^5])
            .OrderByDescending(noun => noun.Length)];
        _http = new HttpClient { BaseAddress = address, Timeout = MaxAnswer };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _http.DefaultRequestHeaders.Add("X-ApiToken", token);
    }

    /// <summary>Calls one route after the other, again and again.</summary>
    /// <param name="first">The route to begin with.</param>
    /// <param name="pause">Between two requests.</param>
    /// <param name="end">When to stop.</param>
    public async Task CallAllAsync(int first, TimeSpan pause, CancellationToken end)
    {
        for (var n = first; ; n++)
        {
            await CallAsync(_routes[n % _routes.Count], n / _routes.Count, end);
            await Task.Delay(pause, end);
        }
    }

    /// <summary>Calls every route once.</summary>
    public async Task CallEachAsync(CancellationToken end)
    {
        foreach (var route in _routes) await CallAsync(route, 0, end);
    }

    /// <summary>Sends the same request again and again.</summary>
    public async Task RepeatAsync(string route, object body, CancellationToken end)
    {
        var text = JsonSerializer.Serialize(body);
        while (true) await SendAsync(route, HttpMethod.Post, $"api/{route}", Json(text), end, isRead: false);
    }

    /// <summary>Creates bulk jobs of three contacts.</summary>
    public async Task CreateJobsAsync(CancellationToken end)
    {
        for (var n = 0; ; n++)
        {
            var ids = new JsonArray([.. Enumerable.Range(0, 3).Select(_ => JsonValue.Create(IdOf("contacts")))]);
            var body = new JsonObject
            {
                ["entity_type"] = "contacts",
                ["operation"] = "tag",
                ["entity_ids"] = ids,
                ["params"] = new JsonObject { ["add"] = new JsonArray($"tag {n % 9}") },
            };
            await SendAsync("bulk-jobs-create", HttpMethod.Post, "api/bulk-jobs-create", Json(body), end);
        }
    }

    /// <summary>Imports files of a thousand rows, each from the first request to the end of its import.</summary>
    public async Task ImportAsync(CancellationToken end)
    {
        while (true)
        {
            if (await UploadAsync(rows: 1_000, end) is not { } id) continue;
            var named = new JsonObject { ["id"] = id };
            await SendAsync("imports-complete-upload", HttpMethod.Post, "api/imports-complete-upload", Json(named), end);
            await SendAsync("imports-confirm", HttpMethod.Post, "api/imports-confirm", Json(named), end);
            for (var status = "processing"; status == "processing";)
            {
                await Task.Delay(200, end);
                var job = await SendAsync("imports-get", HttpMethod.Post, "api/imports-get", Json(named), end);
                status = (string?)job?["result"]?["status"];
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task CallAsync(DocumentRoute route, int round, CancellationToken end)
    {
        if (route.Name == "uploads-put")
        {
            await UploadAsync(rows: 10, end);
            return;
        }

        var noun = NounOf(route);
        using var content = ContentOf(route, noun, round);
        var path = route.Path.Replace("{id}", noun == "fulcrum-forms" ? "contacts" : IdOf(noun), StringComparison.Ordinal)
            .Replace("{key}", "tickets", StringComparison.Ordinal).Replace("{collection}", "tickets", StringComparison.Ordinal);
        if (path.Contains('{', StringComparison.Ordinal))
            throw new InvalidOperationException($"{route.Path} has a member with no value here.");
        var query = route.Query.Count > 0 ? $"?{string.Join('&', route.Query)}" : "";
        var answer = await SendAsync(route.Name, route.Method, path.TrimStart('/') + query, content, end);
        Remember(noun, answer);
    }

    /// <summary>Requests an upload and sends a file. Returns the import's id, null if it was refused.</summary>
    private async Task<string?> UploadAsync(int rows, CancellationToken end)
    {
        var request = new JsonObject { ["model_type"] = "contacts", ["file_name"] = "leads.csv", ["content_type"] = "text/csv" };
        var answer = await SendAsync(
            "imports-request-upload", HttpMethod.Post, "api/imports-request-upload", Json(request), end);
        if ((string?)answer?["result"]?["signed_url"] is not { } url) return null;
        using var file = FileOf(rows);
        await SendAsync("uploads-put", HttpMethod.Put, url, file, end);
        var id = (string)answer["result"]!["job_id"]!;
        Remember("imports", id);
        return id;
    }

    /// <summary>Sends a request. Returns the answer if it is JSON and a success.</summary>
    private async Task<JsonNode?> SendAsync(
        string route, HttpMethod method, string path, HttpContent? content, CancellationToken end, bool isRead = true)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var answer = await _http.SendAsync(request, end);
            var isJson = answer.Content.Headers.ContentType?.MediaType == "application/json";
            var bytes = await answer.Content.ReadAsByteArrayAsync(end);
            var text = answer.IsSuccessStatusCode ? "" : Encoding.UTF8.GetString(bytes);
            _answers.Add(route, answer.StatusCode, text, Stopwatch.GetElapsedTime(start));
            if (answer.Headers.RetryAfter?.Delta is { } wait) await Task.Delay(wait < MaxWait ? wait : MaxWait, end);
            return isRead && answer.IsSuccessStatusCode && isJson ? JsonNode.Parse(bytes) : null;
        }
        catch (HttpRequestException broken)
        {
            _answers.AddDefect($"{route}: {broken.Message}");
        }
        catch (TaskCanceledException) when (!end.IsCancellationRequested)
        {
            _answers.AddDefect($"{route}: no answer within {MaxAnswer.TotalSeconds:0} s");
        }

        return null;
    }

    private HttpContent? ContentOf(DocumentRoute route, string noun, int round) => route.ContentType switch
    {
        null => null,
        "application/json" => Json(BodyOf(route, noun, round)),
        "multipart/form-data" => new MultipartFormDataContent
        {
            { new StringContent("contacts"), "model_type" },
            { FileOf(10), "file", "leads.csv" },
        },
        _ => throw new InvalidOperationException($"{route.Path} takes {route.ContentType}, which no client here sends."),
    };

    private JsonNode BodyOf(DocumentRoute route, string noun, int round)
    {
        var body = route.Bodies[round % route.Bodies.Count].DeepClone();
        if (body is not JsonObject members) return body;
        if (members.ContainsKey("id")) members["id"] = IdOf(noun);
        foreach (var name in new[] { "ids", "entity_ids" })
        {
            if (members.ContainsKey(name)) members[name] = new JsonArray(IdOf(name == "ids" ? noun : "contacts"));
        }

        if (route.Name.EndsWith("-create", StringComparison.Ordinal)) MakeDifferent(members["fields"] as JsonObject ?? members);
        return body;
    }

    // The service would refuse a unique value the second time.
    private void MakeDifferent(JsonObject members)
    {
        var n = Interlocked.Increment(ref _made);
        if (members.ContainsKey("email")) members["email"] = $"client{n}@example.com";
        if (members.ContainsKey("domain")) members["domain"] = $"client{n}.example";
        if (members.ContainsKey("external_id")) members["external_id"] = $"client-{n}";
        if (members.ContainsKey("name")) members["name"] = $"Client {n}";
    }

    private ByteArrayContent FileOf(int rows)
    {
        var first = Interlocked.Add(ref _made, rows);
        var file = new StringBuilder("Name,Email,Phone,City\n");
        for (var n = first; n > first - rows; n--)
            file.Append(CultureInfo.InvariantCulture, $"First{n % 977},row{n}@example.com,+1-555-{n},City of {n % 90}\n");
        return new ByteArrayContent(Encoding.UTF8.GetBytes(file.ToString()))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("text/csv") },
        };
    }

    /// <summary>The noun of the ids that a route takes or answers.</summary>
    private string NounOf(DocumentRoute route)
    {
        var name = route.Name;
        bool IsOf(string noun) => name.StartsWith(noun + "-", StringComparison.Ordinal);
        if (IsOf("jobs") || IsOf("zendesk-job-statuses") || IsOf("fulcrum-batch") || IsOf("knock-bulk-operations")) return "bulk-jobs";
        var noun = IsOf("records") || IsOf("fulcrum-records") ? "contacts"
            : _nouns.FirstOrDefault(noun => IsOf(noun) && !noun.EndsWith(Deleted, StringComparison.Ordinal)) ?? name;
        return name.EndsWith("-restore", StringComparison.Ordinal) || name.Contains($"{Deleted}-", StringComparison.Ordinal)
            ? noun + Deleted : noun;
    }

    private string IdOf(string noun) =>
        _ids.TryGetValue(noun, out var ids) && ids.TryPeek(out _)
            ? ids.ElementAtOrDefault(Random.Shared.Next(ids.Count)) ?? Guid.Empty.ToString() : Guid.Empty.ToString();

    private void Remember(string noun, JsonNode? answer)
    {
        if ((answer as JsonObject)?["result"] is not JsonObject result) return;
        if (result["id"] is JsonValue id && id.GetValueKind() == JsonValueKind.String) Remember(noun, (string)id!);
        // A listed token may be the client's own, which it would revoke.
        if (noun == "tokens" || result["items"] is not JsonArray items) return;
        foreach (var item in items.Take(MaxIds))
        {
            if (item?["id"] is JsonValue listed && listed.GetValueKind() == JsonValueKind.String) Remember(noun, (string)listed!);
        }
    }

    private void Remember(string noun, string id)
    {
        var ids = _ids.GetOrAdd(noun, _ => new ConcurrentQueue<string>());
        ids.Enqueue(id);
        while (ids.Count > MaxIds) ids.TryDequeue(out _);
    }

    private static StringContent Json(JsonNode body) => Json(body.ToJsonString());

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
