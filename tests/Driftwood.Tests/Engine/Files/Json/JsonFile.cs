using System.Text;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Json;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Files.Tables;

namespace Driftwood.Tests.Engine.Files.Json;

/// <summary>A JSON file as an import reads it.</summary>
/// <param name="Preview">What the preview shows.</param>
/// <param name="Rows"><c>line: cells</c>, or <c>line! code</c> of a row that cannot be read, with the cells that are kept of it.</param>
internal sealed record JsonFile(FilePreview Preview, string[][] Cells, string[] Rows)
{
    public IReadOnlyList<string> Headers => Preview.Headers;

    public static Task<JsonFile> ReadAsync(string json, FileOverrides? overrides = null) =>
        ReadAsync(Encoding.UTF8.GetBytes(json), overrides);

    public static async Task<JsonFile> ReadAsync(byte[] json, FileOverrides? overrides = null, long maxBytes = 1 << 24)
    {
        var token = TestContext.Current.CancellationToken;
        overrides ??= new FileOverrides();
        using var output = new MemoryStream();
        var table = await TableAsync(_ => Task.FromResult<Stream>(new MemoryStream(json)), output, overrides, maxBytes);
        Assert.NotNull(table);
        Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<Stream>(new MemoryStream(output.ToArray()));
        var preview = await FilePreview.ReadAsync(OpenAsync, overrides, null, token, table: table);
        var format = FileFormats.Read(FileFormats.Write(preview.Format));
        List<string> lines = [];
        List<string[]> cells = [];
        await using var rows = await format.OpenRowsAsync(OpenAsync, token);
        while (await rows.ReadAsync(token))
        {
            var row = new string[rows.Fault is null ? preview.Headers.Count : rows.FieldCount];
            for (var i = 0; i < row.Length; i++) row[i] = i < rows.FieldCount ? Encoding.UTF8.GetString(rows[i]) : "";
            Assert.Equal(
                row.Take(rows.FieldCount),
                format.KeepCells(rows.Raw.ToArray(), rows.Fault?.Code ?? "").Select(Encoding.UTF8.GetString));
            cells.Add(row);
            var code = rows.Fault is { } fault ? $"! {fault.Code}" : "";
            lines.Add(FormattableString.Invariant($"{rows.LineNumber}{code}: {string.Join('|', row)}"));
        }

        Assert.Equal(preview.TotalRows, lines.Count);
        return new JsonFile(preview, [.. cells], [.. lines]);
    }

    public static Task<ConvertedTable?> TableAsync(OpenFile file, Stream output, FileOverrides overrides, long maxBytes) =>
        JsonTable.WriteAsync(file, overrides, output, maxBytes, TestContext.Current.CancellationToken);
}
