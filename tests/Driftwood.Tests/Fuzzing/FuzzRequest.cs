using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Driftwood.Tests.Fuzzing;

/// <summary>One request: valid, mutated or hostile. The same seed makes the same request.</summary>
internal sealed class FuzzRequest
{
    private static readonly JsonSerializerOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 2_000,
    };

    private static readonly (string Name, string Value)[] OddHeaders =
    [
        ("Idempotency-Key", ""), ("Idempotency-Key", new string('k', 300)), ("Idempotency-Key", "clé"), ("Idempotency-Key", "one"),
        ("X-Request-Id", new string('r', 500)), ("X-Request-Id", "a b"), ("Accept", "text/html;q=x"), ("Accept-Encoding", "br;q=2, gzip"),
        ("Content-Encoding", "gzip"), ("traceparent", "00-zz-zz-zz"), ("tracestate", "=,=,="), ("Origin", "null"), ("Range", "bytes=5-1"),
        ("X-HTTP-Method-Override", "DELETE"), ("X-Forwarded-For", "::::"), ("X-Forwarded-Host", "evil.example"), ("If-Match", "\"x"),
        ("Cookie", "a=b; c"), ("Expect", "100-continue"), ("Accept-Language", "xx-XX-XX"),
    ];

    private static readonly string[] OddContentTypes =
        ["text/plain", "application/json; charset=utf-16", "application/json; charset=x", "application/xml", "json", "application/*+json"];

    private static readonly string[] OddSegments =
        ["%00", "%ff", "..%2f..%2fx", "%F0%9F%98%80", "a.json", ".json", "%25", "%", "x%2Fy", new string('p', 3_000)];

    private readonly FuzzOperation _operation;
    private readonly string _target;
    private readonly byte[]? _body;
    private readonly string? _contentType;
    private readonly List<(string Name, string Value)> _headers = [];

    public FuzzRequest(FuzzDocument document, FuzzValues values)
    {
        var random = values.Random;
        _operation = values.Pick(document.Operations);
        _target = TargetOf(values);
        if (_operation.Body is not null || random.Next(20) == 0)
        {
            _body = BodyOf(document, values);
            _contentType = _operation.Method == "PUT" ? "text/csv" : "application/json";
            if (random.Next(25) == 0) _contentType = values.Pick(OddContentTypes);
        }

        if (random.Next(5) == 0) _headers.Add(values.Pick(OddHeaders));
    }

    public FuzzOperation Operation => _operation;

    /// <summary>The message for a client. It may be sent once.</summary>
    public HttpRequestMessage ToMessage(Uri node)
    {
        var options = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var message = new HttpRequestMessage(new HttpMethod(_operation.Method), new Uri($"http://{node.Authority}{_target}", options));
        if (_body is not null)
        {
            message.Content = new ByteArrayContent(_body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", _contentType);
        }

        foreach (var (name, value) in _headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString()
    {
        var headers = string.Concat(_headers.Select(header => $" [{header.Name}: {header.Value}]"));
        var body = _body is null ? "" : Encoding.UTF8.GetString(_body);
        return $"{_operation.Method} {Shorten(_target)}{headers} ({_contentType}) {Shorten(body)}";
    }

    private static string Shorten(string text) => text.Length <= 1_500 ? text : $"{text[..1_500]}… ({text.Length} characters)";

    private string TargetOf(FuzzValues values)
    {
        var path = Regex.Replace(_operation.Path, @"\{\w+\}", _ => values.Random.Next(4) switch
        {
            0 => values.Pick(["contacts", "companies", "fuzzed"]),
            1 => values.Pick(OddSegments),
            _ when _operation.Noun.Length > 0 => values.Id(_operation.Noun),
            _ => values.Id(Regex.IsMatch(_operation.Path, "batch|job|bulk") ? "bulk-jobs" : "contacts"),
        });
        path = Regex.Replace(path, @"[^\x21-\x7e]|[?#\\""<>]", "%20");
        var query = _operation.QueryParameters.Where(_ => values.Random.Next(2) == 0)
            .Select(name => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(QueryValue(values))}");
        var joined = string.Join('&', query);
        return joined.Length > 0 ? $"{path}?{joined}" : path;
    }

    private static string QueryValue(FuzzValues values)
    {
        var text = values.Random.Next(3) switch { 0 => values.Id("bulk-jobs"), 1 => $"{values.Number()}", _ => values.Any() };
        return text.Length > 2_000 ? text[..2_000] : text;
    }

    private byte[] BodyOf(FuzzDocument document, FuzzValues values)
    {
        var random = values.Random;
        if (_operation.Method == "PUT") return Encoding.UTF8.GetBytes($"email,first_name\n{values.Any()},{values.Any()}\n");
        var body = _operation.Example is { } example && random.Next(2) == 0
            ? WithIds(example.DeepClone(), values)
            : _operation.Body is null ? new JsonObject() : document.Make(values, _operation.Body, "", _operation.Noun);
        for (var i = random.Next(4); i > 0; i--) body = Mutate(body, values);
        var text = body?.ToJsonString(Writing) ?? "null";
        var huge = values.Pick(["1e400", "-1e400", new string('9', 400)]);
        text = text.Replace($"\"{FuzzValues.HugeNumber}\"", huge, StringComparison.Ordinal)
            .Replace($"\"{FuzzValues.Deep}\"", Nested(values.Pick([63, 64, 65, 200, 1_500])), StringComparison.Ordinal)
            .Replace(FuzzValues.HalfPair, values.Pick([@"\ud800", @"\udc00", @"\ud800\ud800"]), StringComparison.Ordinal);
        return random.Next(8) == 0 ? Spoil(text, random) : Encoding.UTF8.GetBytes(text);
    }

    /// <summary>The example about things that exist.</summary>
    private JsonNode? WithIds(JsonNode? node, FuzzValues values)
    {
        foreach (var place in Places(node).Where(place => Guid.TryParse($"{place.Value}", out _)).ToList())
            place.Put(values.Id(_operation.Noun));
        return node;
    }

    private static JsonNode? Mutate(JsonNode? body, FuzzValues values)
    {
        var places = Places(body).ToList();
        if (places.Count == 0 || values.Random.Next(30) == 0) return values.Anything(0);
        var place = values.Pick(places);
        switch (values.Random.Next(6))
        {
            case 0:
                place.Remove();
                break;
            case 1 when place.Parent is JsonObject members:
                members[values.Name()] = values.Anything(0);
                break;
            case 2:
                place.Put(null);
                break;
            case 3 when place.Value is JsonArray list:
                for (var i = values.Random.Next(200); i > 0; i--) list.Add(values.Anything(3));
                break;
            default:
                place.Put(values.Anything(0));
                break;
        }

        return body;
    }

    /// <summary>What is no JSON any more, or says a thing twice.</summary>
    private static byte[] Spoil(string text, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var at = random.Next(bytes.Length + 1);
        return random.Next(7) switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
            2 => [0xEF, 0xBB, 0xBF, .. bytes],
            3 => [.. bytes, .. bytes],
            4 when text.StartsWith("{\"", StringComparison.Ordinal) => Encoding.UTF8.GetBytes($"{{{text[1..^1]},{text[1..]}"),
            5 => Encoding.Unicode.GetBytes(text),
            _ => [],
        };
    }

    private static string Nested(int depth) => new string('[', depth) + new string(']', depth);

    private static IEnumerable<Place> Places(JsonNode? node) => node switch
    {
        JsonObject members => members.ToArray().SelectMany(member => Places(member.Value).Prepend(new Place(members, member.Key, 0))),
        JsonArray items => items.ToArray().Index().SelectMany(item => Places(item.Item).Prepend(new Place(items, null, item.Index))),
        _ => [],
    };

    private sealed record Place(JsonNode Parent, string? Name, int Index)
    {
        public JsonNode? Value => Parent switch
        {
            JsonObject members => members.TryGetPropertyValue(Name!, out var value) ? value : null,
            _ => Parent.AsArray().ElementAtOrDefault(Index),
        };

        public void Put(JsonNode? value)
        {
            if (Parent is JsonObject members) members[Name!] = value;
            else if (Index < Parent.AsArray().Count) Parent.AsArray()[Index] = value;
        }

        public void Remove()
        {
            if (Parent is JsonObject members) members.Remove(Name!);
            else if (Index < Parent.AsArray().Count) Parent.AsArray().RemoveAt(Index);
        }
    }
}
