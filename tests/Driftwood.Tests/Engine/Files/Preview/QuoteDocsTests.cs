using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Preview;

namespace Driftwood.Tests.Engine.Files.Preview;

/// <summary>Tests the table of quotes in docs/imports.md.</summary>
public sealed class QuoteDocsTests
{
    [Fact]
    public async Task Quotes_are_read_as_told()
    {
        var rows = Repository.Read("docs/imports.md").Split('\n')
            .SkipWhile(line => line != "| in the file | `escape` | the cell | warning |").Skip(2)
            .TakeWhile(line => line.StartsWith('|')).ToArray();
        Assert.NotEmpty(rows);
        foreach (var row in rows)
        {
            var columns = row.Trim('|').Split('|').Select(column => column.Trim(' ').Trim('`')).ToArray();
            var file = Encoding.UTF8.GetBytes($"a,b\n1,{columns[0]}\n");

            var preview = await FilePreview.ReadAsync(
                _ => Task.FromResult<Stream>(new MemoryStream(file)), new FileOverrides(Escape: columns[1][0], HasHeader: true),
                names: null, TestContext.Current.CancellationToken);

            var cell = preview.SampleRows.Count == 0 ? "–" : preview.SampleRows[0][1].Trim();
            var warning = preview.Warnings.Count == 0 ? "–" : preview.Warnings[0].Code;
            Assert.Equal((row, columns[2], columns[3]), (row, cell, warning));
        }
    }
}
