using System.Globalization;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>Measures the suggestions for the header rows of docs/imports.md.</summary>
public sealed class MappingTableTests
{
    [Fact]
    public void Header_rows_of_programs_get_the_fields_of_the_table()
    {
        var (right, wrong, missed, homes) = (0, 0, 0, 0);
        List<string> faults = [];
        var rows = Rows();
        foreach (var (program, columns) in rows)
        {
            var type = program.Contains("(companies)", StringComparison.Ordinal) ? RecordTypes.Companies : RecordTypes.Contacts;
            var suggested = MappingSuggester.Suggest(
                type,
                [.. columns.Select(column => column.Header)],
                columns.Any(column => column.Value.Length > 0) ? [[.. columns.Select(column => column.Value)]] : [],
                _ => false);
            foreach (var (column, found) in columns.Zip(suggested))
            {
                if (column.Field is not null) homes++;
                if (found.Field == column.Field) right += column.Field is null ? 0 : 1;
                else if (found.Field is null) missed++;
                else wrong++;
                var fault = $"{program}: {column.Header} → {found.Field ?? "–"}, not {column.Field ?? "–"}";
                if (found.Field != column.Field) faults.Add(fault);
            }
        }

        var precision = (double)right / (right + wrong);
        var recall = (double)right / homes;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{rows.Count} header rows, {homes} columns with a field: precision {precision:P1}, recall {recall:P1} ({missed} missed)"));
        Assert.True(rows.Count >= 25, $"{rows.Count} header rows");
        Assert.True(wrong == 0 && recall >= 0.95, string.Join('\n', faults));
    }

    private static List<(string Program, List<(string Header, string Value, string? Field)> Columns)> Rows() =>
    [
        .. Repository.Read("docs/imports.md").Split('\n')
            .SkipWhile(line => line != "| program | header row |").Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (cells[0], cells[1].Split(" · ").Select(Column).ToList())),
    ];

    private static (string Header, string Value, string? Field) Column(string text)
    {
        var parts = text.Split(" → ");
        var header = parts[0].Split(" = ");
        return (header[0], header.Length > 1 ? header[1] : "", parts.Length > 1 ? parts[1] : null);
    }
}
