using System.Text.Json;
using System.Text.RegularExpressions;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Json;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Filters;

/// <summary>Tests the text of docs/filters.md.</summary>
public sealed partial class FilterDocsTests
{
    private static readonly RecordType TestingApp = new(
        "testing_app", "Testing App", [new("status", "Status", FieldKind.Text) { Slot = 1 }], ["id"])
    { TypeId = Guid.CreateVersion7() };

    private readonly string _text = File.ReadAllText(Path.Combine(Path.GetDirectoryName(SourceFile())!, "../../../../docs/filters.md"));

    [Fact]
    public void Every_example_reads()
    {
        using var document = JsonDocument.Parse(Blocks("json").Single());
        List<Fault> faults = [];
        var filter = FilterJson.Read(RecordTypes.Contacts, document.RootElement, faults);
        Assert.Empty(faults);

        string[] queries = [
            .. Blocks("sql")
            .SelectMany(block => block.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(QueryText.Write(RecordTypes.Contacts, filter), queries[0]);
        foreach (var query in queries)
        {
            QueryText.Read(
                query, [RecordTypes.Contacts, TestingApp],
                query.StartsWith("SELECT", StringComparison.Ordinal) ? null : RecordTypes.Contacts, out var fault);
            Assert.True(fault is null, $"{query}: {fault?.Message}");
        }
    }

    [Fact]
    public void Every_kind_stands_with_its_operators()
    {
        var rows = KindRows().Matches(_text)
            .Select(row => (Kinds: row.Groups["kinds"].Value.Split(", "), Operators: row.Groups["operators"].Value)).ToArray();
        var told = rows.Index()
            .SelectMany(
            row => row.Item.Kinds.Select(
            kind => (
            kind, row.Item.Operators == "the same" ? rows[..row.Index].Last(above => above.Operators != "the same").Operators
            : row.Item.Operators)));
        var known = Enum.GetValues<FieldKind>()
            .Select(kind => (
            kind.ToString().ToLowerInvariant(),
                string.Join(' ', FieldType.Of(kind).Operators.Select(op => $"`{FilterOperators.Name(op)}`"))));
        Assert.Equal(known.Order(), told.Order());
    }

    private IEnumerable<string> Blocks(string language) =>
        Regex.Matches(_text, $"```{language}\n(.*?)```", RegexOptions.Singleline).Select(block => block.Groups[1].Value);

    private static string SourceFile([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"^\| (?<kinds>[a-z_, ]+) \| (?<operators>the same|`[a-z_` ]+`) \| ", RegexOptions.Multiline)]
    private static partial Regex KindRows();
}
