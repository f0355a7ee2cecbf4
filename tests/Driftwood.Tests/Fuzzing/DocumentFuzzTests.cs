using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Driftwood.Tests.Features.Imports;
using Driftwood.Tests.Platform;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Driftwood.Tests.Fuzzing;

/// <summary>
/// Sends a whole node requests that its own OpenAPI document suggests: valid ones, mutated ones and hostile ones. Request <c>i</c> is drawn
/// by <c>DRIFTWOOD_SEED</c> and <c>i</c>; without the variable the seed is always the same. <c>DRIFTWOOD_FUZZ_REQUESTS</c> says how many.
/// </summary>
public sealed class DocumentFuzzTests(PostgresServer server) : IAsyncDisposable
{
    private const int Seed = 17, Requests = 600, Senders = 4, MostTold = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TemporaryDatabase _database = new(server);
    private readonly ConcurrentBag<string> _wrong = [];
    private readonly ConcurrentDictionary<int, int> _statuses = [];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_request_fails_hangs_or_is_told_of_the_inside()
    {
        var (seed, requests) = (Read("DRIFTWOOD_SEED") ?? Seed, Read("DRIFTWOOD_FUZZ_REQUESTS") ?? Requests);
        var logs = new CollectedLogs();
        await using var app = await StartAsync(logs);
        var account = await app.CreateAccountAsync();
        using var native = app.CreateClient(account.Token);
        var document = new FuzzDocument(JsonNode.Parse(
            await native.GetStringAsync(new Uri("/swagger/v1/swagger.json", UriKind.Relative), CancellationToken))!);
        var (ids, cursors) = (await MakeOneOfEachAsync(native), await ReadCursorsAsync(native));
        using var client = NewSender(account.Token);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var i && i < requests && _wrong.Count < MostTold)
                {
                    var values = new FuzzValues(new Random(unchecked((seed * 1_000_003) + i)), ids, cursors);
                    await SendAsync(client, native.BaseAddress!, new FuzzRequest(document, values), $"seed {seed}, request {i}");
                }
            },
            CancellationToken)));

        Assert.True(_wrong.IsEmpty, string.Join("\n\n", _wrong));
        // Failures that no caller was told of: 1001 of a request, 204 of a lane.
        Assert.DoesNotContain(logs.Lines, line => line.EventId is 1001 or 204);
        // The requests are worth something: many succeed, many are refused by each part of the service.
        Assert.InRange(_statuses.GetValueOrDefault(200), requests / 20, requests);
        Assert.Superset(new HashSet<int> { 200, 400, 404, 422 }, _statuses.Keys.ToHashSet());
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var set)
            ? set
            : null;

    private Task<DriftwoodApp> StartAsync(CollectedLogs logs) => DriftwoodApp.StartAsync(
        _database.ConnectionString,
        [
            ("Driftwood:Limits:ReadsPerSecond", "0"), ("Driftwood:Limits:WritesPerSecond", "0"),
            ("Driftwood:Jobs:MaxActiveJobsPerAccount", "100000"), ("Driftwood:Jobs:Engine", "in_process"),
            ("Driftwood:Records:QuerySeconds", "5"), ("Driftwood:Compat:Fulcrum:Accounts", "*"), ("Driftwood:Compat:Zendesk:Accounts", "*"),
            ("Driftwood:Compat:Knock:Accounts", "*"), ("Driftwood:Compat:Knock:RateTiers", "false"),
        ],
        services => services.AddLogging(logging => logging.AddProvider(logs)));

    private static HttpClient NewSender(string token)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        var client = new HttpClient(handler) { Timeout = Patience }.As(token);
        client.DefaultRequestHeaders.Add("X-ApiToken", token);
        return client;
    }

    private async Task SendAsync(HttpClient client, Uri node, FuzzRequest request, string name)
    {
        try
        {
            using var message = request.ToMessage(node);
            using var response = await client.SendAsync(message, CancellationToken);
            var body = await response.Content.ReadAsStringAsync(CancellationToken);
            var status = (int)response.StatusCode;
            _statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
            if (FuzzVerdict.Of(request.Operation, status, response.Content.Headers.ContentType?.ToString(), body) is { } wrong)
                _wrong.Add($"{name}: {wrong}\n{request}\n→ {status} {body[..Math.Min(body.Length, 600)]}");
        }
        catch (OperationCanceledException) when (!CancellationToken.IsCancellationRequested)
        {
            _wrong.Add($"{name}: no answer after {Patience.TotalSeconds:0} s\n{request}");
        }
        catch (HttpRequestException broken)
        {
            _wrong.Add($"{name}: no answer: {broken.Message}\n{request}");
        }
    }

    private static async Task<Dictionary<string, Guid>> MakeOneOfEachAsync(HttpClient client)
    {
        async Task<Guid> MakeAsync(string route, object body, string id = "id") =>
            (await client.PostAsync(route, body)).Result.GetProperty(id).GetGuid();
        _ = (await client.PostAsync("record-types-create", new { key = "fuzzed", name = "Fuzzed" })).Result;
        var contact = await MakeAsync("contacts-create", new { first_name = "Ada", email = "ada@example.com", external_id = "1" });
        _ = await MakeAsync("contacts-create", new { first_name = "Bob", email = "bob@example.com", city = "Oslo" });
        var add = new { add = new[] { "x" } };
        var job = new { entity_type = "contacts", operation = "tag", entity_ids = new[] { contact }, @params = add };
        var field = new { record_type = "contacts", key = "tier", kind = "choice", options = new[] { "A" } };
        var import = await client.UploadedAsync("email,first_name\nc@example.com,Cem\nnot an address,Dag\n");
        return new Dictionary<string, Guid>
        {
            ["contacts"] = contact,
            ["companies"] = await MakeAsync("companies-create", new { name = "Fjord" }),
            ["sources"] = await MakeAsync("sources-create", new { name = "Fair" }),
            ["records"] = await MakeAsync("records-create", new { record_type = "fuzzed", fields = new { name = "One" } }),
            ["fields"] = await MakeAsync("fields-create", field),
            ["tokens"] = await MakeAsync("tokens-create", new { name = "second" }),
            ["bulk-jobs"] = await MakeAsync("bulk-jobs-create", job),
            ["imports"] = import,
        };
    }

    private static async Task<string[]> ReadCursorsAsync(HttpClient client)
    {
        List<string> cursors = ["", "x", "AAAAAAAA", new string('A', 3_000)];
        foreach (var route in (string[])["contacts-list", "fields-list", "tokens-list", "users-list", "audit-list", "tags-list"])
        {
            var page = (await client.PostAsync(route, """{"limit":1}""")).Result;
            if (page.Text("next_cursor") is { } cursor) cursors.Add(cursor);
        }

        Assert.InRange(cursors.Count, 6, int.MaxValue);
        return [.. cursors];
    }
}
