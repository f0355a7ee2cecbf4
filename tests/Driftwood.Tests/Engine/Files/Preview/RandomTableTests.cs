using System.Text;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Files.Preview;

/// <summary>Whatever the program, a table is read cell for cell as it was meant, without anybody saying how it was written.</summary>
public sealed class RandomTableTests
{
    private const int DefaultCases = 2_000;

    [Fact]
    public async Task Any_table_is_read_as_it_was_meant()
    {
        List<string> failures = [];
        foreach (var seed in Cases.Seeds(DefaultCases))
        {
            var table = new RandomTable(seed);
            if (await CompareAsync(table) is { } difference) failures.Add($"seed {seed}: {table}\n{difference}");
            if (failures.Count == 3) break;
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static async Task<string?> CompareAsync(RandomTable table)
    {
        var file = table.File();
        Task<Stream> Open(CancellationToken _) => Task.FromResult<Stream>(new MemoryStream(file));
        var cancellation = TestContext.Current.CancellationToken;
        var preview = await FilePreview.ReadAsync(Open, table.Overrides, Known, cancellation);
        var format = preview.Format.Describe();
        if (format.Delimiter != table.Delimiter.ToString()) return $"delimiter {format.Delimiter}";
        if (format.HeaderRow != table.HeaderRow) return $"header in {format.HeaderRow}, not in {table.HeaderRow}";
        var headers = preview.Headers.Take(table.Headers.Length).ToArray();
        if (!headers.SequenceEqual(table.Headers)) return "headers " + string.Join('|', preview.Headers);
        await using var rows = await preview.Format.OpenRowsAsync(Open, cancellation);
        List<string> read = [];
        while (await rows.ReadAsync(cancellation))
        {
            // Blanks around a cell are none of the file's business; a delimiter at the end of the header is a column without a name.
            read.Add(rows.Fault?.Code ?? string.Join('¦', table.Headers.Select((_, i) => Encoding.UTF8.GetString(rows[i]).Trim())));
            if (rows.Fault is null) CheckKept(preview, rows, table);
        }

        List<string> meant = [.. table.Rows.Select(row => string.Join('¦', row))];
        if (preview.TotalRows != meant.Count) return $"{preview.TotalRows} rows instead of {meant.Count}: {format}";
        return read.SequenceEqual(meant) ? null : string.Join('\n', meant.Except(read).Take(2).Concat(read.Except(meant).Take(2)));
    }

    // What is kept of a failed row has the same cells.
    private static void CheckKept(FilePreview preview, Driftwood.Engine.Files.RowReader rows, RandomTable table)
    {
        var kept = preview.Format.KeepCells(rows.Raw.ToArray(), "invalid_email");
        for (var i = 0; i < table.Headers.Length; i++)
        {
            Assert.Equal(Encoding.UTF8.GetString(rows[i]), i < kept.Length ? Encoding.UTF8.GetString(kept[i]) : "");
        }
    }

    private static int Known(IReadOnlyList<string> cells) =>
        MappingSuggester.Suggest(RecordTypes.Contacts, cells, []).Count(column => column.Confidence >= 0.8);
}
