using System.Text.Json.Nodes;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>Hostile inputs as a filter, as a query, or inside one.</summary>
internal static class HostileInputs
{
    /// <summary>A mark that must not appear in SQL.</summary>
    public const string Mark = "zzmark";

    /// <summary>Texts to use as a value or as a whole query.</summary>
    public static TheoryData<string> Texts { get; } =
    [
        $"'; DROP TABLE contacts; -- {Mark}",
        $"' OR '1'='1 {Mark}",
        $"{Mark}'' OR 1=1",
        $"{Mark}\\' OR 1=1 --",
        $"{Mark}\\",
        $"{Mark}\"; DELETE FROM contacts; \"",
        $"/* {Mark} */ UNION SELECT * FROM users",
        $"$1 $2::text {Mark}",
        $"${Mark}$ x ${Mark}$",
        $"{Mark} :name @name ?",
        $"{{\"{Mark}\",NULL}}",
        $"ʼ’‘′＇ OR {Mark} ＝ ﹔",
        $"ＳＥＬＥＣＴ {Mark} ſelect",
        $"{Mark}\u202E\u200B\uFEFF\u0085\u2028",
        $"{Mark}%_%\\%",
        $"E'\\x27{Mark}'",
        $"pg_sleep(10) {Mark}",
        $"\U0001F600{Mark}\U0010FFFF\uFFFF",
        $"{Mark}\t\r\n\u001A\u007F",
    ];

    /// <summary>JSON to use as a value.</summary>
    public static TheoryData<string> JsonValues { get; } =
    [
        @"""\ud800""",
        @"""a\udc00b""",
        @"""\u0000""",
        "1e400",
        "-0",
        "1e-400",
        "1E+2147483648",
        "99999999999999999999999999999999999999999999999999",
        "0.00000000000000000000000000000000000000000000000001",
        "[[[[]]]]",
        "{}",
        "null",
    ];

    /// <summary>Filters with halves of surrogate pairs, or with NUL, in place of names.</summary>
    public static TheoryData<string> BrokenNames { get; } =
    [
        """{"\ud800": 1}""",
        """{"field": "\udfff", "op": "\ud800", "value": "\ud800"}""",
        """{"field": "city", "op": "\ud800", "value": "x"}""",
        """{"and": [{"\u0000": []}]}""",
    ];

    /// <summary>The text to repeat ten thousand times before a query, the query, and the text to repeat after it.</summary>
    public static TheoryData<string, string, string> EndlessQueries { get; } = new()
    {
        { "(", "", ")" },
        { "NOT ", "city = 'x'", "" },
        { "NOT (", "city = 'x'", ")" },
        { "((", "city = 'x'", "" },
        { "city IN (", "'x'", ")" },
        { "\"", "", "" },
        { "'", "", "" },
        { "_", "", "" },
        { "city = 'x' OR ", "city = 'x'", "" },
        { "SELECT ", "", "" },
        { "1", "", "" },
    };

    /// <summary>The text to repeat ten thousand times before a filter, and the text to repeat after it.</summary>
    public static TheoryData<string, string> EndlessFilters { get; } = new()
    {
        { """{"not":""", "}" },
        { """{"and":[""", "]}" },
        { "[", "]" },
    };

    /// <summary>Queries with a length of a megabyte.</summary>
    public static IReadOnlyList<string> Megabytes { get; } =
        [new('(', 1 << 20), new('\0', 1 << 20), $"city = '{new string('x', 1 << 20)}'",
            string.Concat(Enumerable.Repeat("city = 'x' AND ", 70_000))];

    /// <summary>JSON that is not UTF-8.</summary>
    public static byte[] NoUtf8 { get; } = [.. """{"field": "city", "op": "eq", "value": "a"""u8, 0xFF, 0xC3, .. "\"}"u8];

    /// <summary>Repeats a text ten thousand times before and another after something.</summary>
    public static string Endless(string before, string middle, string after) =>
        string.Concat(Enumerable.Repeat(before, 10_000)) + middle + string.Concat(Enumerable.Repeat(after, 10_000));

    public static string EndlessFilter(string before, string after) => Endless(before, """{"field": "city", "op": "is_blank"}""", after);

    /// <summary>Uses the text as a query, as a value with good and bad quotes, and in place of each kind of name.</summary>
    public static IEnumerable<string> Queries(string text)
    {
        var doubled = text.Replace("'", "''", StringComparison.Ordinal);
        return
        [
            text, $"city = '{text}'", $"city = '{doubled}'", $"email STARTS WITH '{doubled}'", $"city IN ('x', '{doubled}')",
                $"\"{text}\" = 'x'",
            $"SELECT {text} FROM contacts", $"SELECT * FROM {text}", $"SELECT * FROM contacts WHERE {text}",
        ];
    }

    /// <summary>A comparison with the text as its value or in a list.</summary>
    public static string Filter(string field, string op, string text, bool isList) =>
        new JsonObject { ["field"] = field, ["op"] = op, ["value"] = isList ? new JsonArray(text) : text }.ToJsonString();
}
