using System.Text.Json.Nodes;

namespace Driftwood.Tests.Fuzzing;

/// <summary>Values of one request, drawn by its seed: ids and cursors that exist, and values that nobody sends by mistake.</summary>
internal sealed class FuzzValues(Random random, IReadOnlyDictionary<string, Guid> ids, IReadOnlyList<string> cursors)
{
    /// <summary>Stands for half a surrogate pair, which no JSON writer writes. It is replaced in the written body.</summary>
    public const string HalfPair = "@@half-pair@@";

    /// <summary>Stands for a number that no type holds.</summary>
    public const string HugeNumber = "@@huge@@";

    /// <summary>Stands for lists in lists.</summary>
    public const string Deep = "@@deep@@";

    private static readonly string[] Names =
    [
        "email", "city", "first_name", "name", "external_id", "tags", "custom", "domain", "id", "fields", "and", "or", "not", "field",
        "op", "value", "add", "remove", "set", "match_on", "Email", "", " ", "__proto__", "constructor", "$type", "a.b", "a[0]",
        "ключ", "😀",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "Oslo", "a@example.com", "not an address", "2025-02-30", "0001-01-01", "9999-12-31T23:59:59.9999999Z", "true",
        "null", "NaN",
        "'", "''", "\"", "\\", "%", "_", "%%", "*", "/", "../../x", "\t", "\r\n", "\u0000", "\u007f", "\u200b", "\u202e", "\ufeff",
        "\uffff", "é", "İ", "ß", "😀", "1e400", "-0", "0x10", "１２", "' or 1=1 --", "{}", "[]", "<b>", "=1+1", "+47 22 22 22 22",
        "https://x", "dw_x",
        HalfPair,
    ];

    private static readonly string[] Queries =
    [
        "city = 'Oslo'", "SELECT * FROM contacts", "SELECT id FROM contacts WHERE email IS NOT NULL", "NOT NOT NOT city = 'x'",
        "((((((((((city = 'x'))))))))))", "city LIKE '%' OR city LIKE '%%'", "city IN ()", "city = ", "tags HAS 'x'",
        "created_at > '9999-12-31'",
        "created_at > now()", "employee_count > 1e400", "city = 'x' -- y", "city = 'x'; delete", "city = \"x\"",
        "city = 'it''s'", "=", "'", "(",
    ];

    private static readonly string[] Conditions =
    [
        """{"field":"city","op":"eq","value":"Oslo"}""", """{"and":[]}""", """{"not":{"field":"email","op":"is_blank"}}""",
        """{"field":"email","op":"in","value":["a",1,null]}""",
        """{"field":"created_at","op":"gt","value":"9999-12-31T23:59:59.9999999Z"}""",
        """{"field":"created_at","op":"within","value":99999999999}""", """{"or":[{"and":[{"or":[{"not":{"not":{"not":{}}}}]}]}]}""",
        """{"fields":{"city":"Oslo"}}""", """{"fields":{"email":null,"custom":{"x":1}}}""", """{"add":["a"],"remove":["a"]}""",
        """{"set":[]}""", """{"match_on":"email"}""", """{"match_on":"id"}""", """{"first_name":"A","email":"a@example.com"}""",
    ];

    private static readonly string[] Types = ["contacts", "companies", "sources", "fuzzed"];

    private static readonly string[] Times = ["2025-06-15T14:30:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"];

    public Random Random => random;

    public string Name() => Pick(Names);

    public JsonNode Number() => random.Next(12) switch
    {
        0 => JsonValue.Create(-1),
        1 => JsonValue.Create(0),
        2 => JsonValue.Create(int.MaxValue + 1L),
        3 => JsonValue.Create(long.MaxValue),
        4 => JsonValue.Create(long.MinValue),
        5 => JsonValue.Create(1e308),
        6 => JsonValue.Create(0.5),
        7 => HugeNumber,
        _ => JsonValue.Create(random.Next(1, 100)),
    };

    public JsonNode Text(string name, string format, string noun) => name switch
    {
        _ when format == "uuid" => Id(noun),
        "cursor" => random.Next(4) == 0 ? Mangle(Pick(cursors)) : Pick(cursors),
        "query" => Pick(Queries),
        "entity_type" or "model_type" or "record_type" => random.Next(8) == 0 ? Any() : Pick(Types),
        "order_by" or "match_on" or "field" => Name(),
        _ when format == "date-time" && random.Next(4) > 0 => Pick(Times),
        _ => Any(),
    };

    /// <summary>An id: mostly one that exists, mostly of the kind that the route is about.</summary>
    public string Id(string noun) => random.Next(10) switch
    {
        0 => Any(),
        1 => Guid.NewGuid().ToString(),
        2 => "00000000-0000-0000-0000-000000000000",
        < 8 when ids.TryGetValue(noun, out var own) => own.ToString(),
        _ => ids.Values.ElementAt(random.Next(ids.Count)).ToString(),
    };

    public JsonNode? Anything(int depth) => random.Next(depth > 4 ? 6 : 9) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => Number(),
        3 => Any(),
        4 => JsonNode.Parse(Pick(Conditions)),
        5 => Deep,
        6 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Anything(depth + 1))]),
        7 => new JsonObject { [Name()] = Anything(depth + 1) },
        _ => JsonNode.Parse(Pick(Conditions)),
    };

    public string Any() => random.Next(15) switch
    {
        0 => new string((char)random.Next('a', 'z'), random.Next(1, 100_000)),
        1 => string.Concat(Enumerable.Repeat("é😀", random.Next(1, 400))),
        2 => Guid.NewGuid().ToString("N"),
        _ => Pick(Texts),
    };

    public T Pick<T>(IReadOnlyList<T> all) => all[random.Next(all.Count)];

    private string Mangle(string text)
    {
        if (text.Length == 0) return "x";
        var at = random.Next(text.Length);
        return random.Next(3) switch
        {
            0 => text[..at],
            1 => text + text,
            _ => $"{text[..at]}{(text[at] == 'A' ? 'B' : 'A')}{text[(at + 1)..]}",
        };
    }
}
