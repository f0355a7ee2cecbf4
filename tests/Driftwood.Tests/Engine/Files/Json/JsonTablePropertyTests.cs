using System.Text;
using System.Text.Json;

namespace Driftwood.Tests.Engine.Files.Json;

/// <summary>Random objects have the cells that System.Text.Json finds in them, as lines and as an array.</summary>
public sealed class JsonTablePropertyTests
{
    private static readonly string[] Names = ["email", "name", "a b", "\"", "é\n", "x.y", "0", "Email"];

    private static readonly string[] Texts =
    [
        "", "Ida", "00123", " x ", "a,b", "say \"hi\"", "line\nbreak\r\n", "Zoë", "\t", "{}", "[1]", "NULL", "it's", "\\", "😀", "=1+1",
    ];

    [Fact]
    public async Task The_cells_are_those_of_the_objects()
    {
        foreach (var seed in Cases.Seeds(300))
        {
            var random = new Random(seed);
            string[] objects = [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => NewObject(random, 0))];
            objects[0] = objects[0] == "{}" ? "{\"email\":1}" : objects[0];
            foreach (var file in new[]
            {
                string.Join('\n', objects),
                "[" + string.Join(random.Next(2) == 0 ? "," : "\n , \r\n", objects) + "]",
            })
            {
                var expected = objects.Select(CellsOf).ToArray();
                var read = await JsonFile.ReadAsync(file);
                Assert.Equal(objects.Length, read.Cells.Length);
                for (var row = 0; row < objects.Length; row++)
                {
                    // Names that differ in white space only, and names without letters, are made different ones.
                    var values = expected[row].Values.Where(cell => cell.Length > 0).Order(StringComparer.Ordinal);
                    var found = read.Cells[row].Where(cell => cell.Length > 0).Order(StringComparer.Ordinal);
                    Assert.True(values.SequenceEqual(found), $"Seed {seed}, row {row} of {file}");
                    foreach (var (path, value) in expected[row].Where(cell => read.Headers.Contains(cell.Key)))
                        Assert.Equal(value, read.Cells[row][read.Headers.ToList().IndexOf(path)]);
                }
            }
        }
    }

    private static string NewObject(Random random, int level)
    {
        var names = Names.Where(_ => random.Next(3) == 0).ToArray();
        // A name with a dot is the same column as a member of an object.
        return "{" + string.Join(',', names.Select(name => $"{Quoted(name, random)}:{NewValue(random, level)}")) + "}";
    }

    private static string NewValue(Random random, int level) => random.Next(level < 3 ? 9 : 7) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => $"{random.NextInt64()}",
        3 => $"-{random.Next(100)}.{random.Next(1000):000}",
        4 or 5 or 6 => Quoted(Texts[random.Next(Texts.Length)], random),
        7 => "[" + string.Join(" , ", Enumerable.Range(0, random.Next(3)).Select(_ => Quoted("t" + random.Next(100), random))) + "]",
        _ => NewObject(random, level + 1),
    };

    private static string Quoted(string text, Random random) => random.Next(2) == 0
        ? JsonSerializer.Serialize(text)
        : "\"" + string.Concat(text.Select(letter => $"\\u{(int)letter:x4}")) + "\"";

    private static Dictionary<string, string> CellsOf(string json)
    {
        Dictionary<string, string> cells = [];
        using var document = JsonDocument.Parse(json);
        void Add(string prefix, JsonElement thing)
        {
            foreach (var member in thing.EnumerateObject())
            {
                var path = prefix + member.Name;
                if (member.Value.ValueKind == JsonValueKind.Object) Add(path + ".", member.Value);
                else cells[path] = TextOf(member.Value);
            }
        }

        Add("", document.RootElement);
        return cells;
    }

    private static string TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(TextOf)),
        _ => value.GetRawText(),
    };
}
