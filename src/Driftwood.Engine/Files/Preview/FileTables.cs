using Driftwood.Engine.Files.Json;
using Driftwood.Engine.Files.Tables;
using Driftwood.Engine.Files.Workbooks;

namespace Driftwood.Engine.Files.Preview;

/// <summary>
/// Kinds of files that are made a table of delimited text once, when their upload is completed. Everything after that reads the table.
/// </summary>
public static class FileTables
{
    private const int StartBytes = 4;

    /// <summary>Whether a file may be of such a kind: by its content, or by its name for JSON, which is text as others are.</summary>
    public static async Task<bool> MayBeAsync(OpenFile file, string name, CancellationToken cancellationToken) =>
        FileNames.IsJson(name) || await MayBeWorkbookAsync(file, cancellationToken);

    /// <summary>Writes the file's table. Memory is bounded.</summary>
    /// <param name="file">Opens the file.</param>
    /// <param name="name">Its name.</param>
    /// <param name="overrides">What the caller says about it.</param>
    /// <param name="output">Takes the table.</param>
    /// <param name="maxBytes">A larger table is refused.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>Null if the file is of no such kind. Nothing was written then.</returns>
    /// <exception cref="UnreadableFileException">The file is of such a kind and cannot be read.</exception>
    public static async Task<ConvertedTable?> WriteAsync(
        OpenFile file, string name, FileOverrides overrides, Stream output, long maxBytes, CancellationToken cancellationToken)
    {
        if (!await MayBeWorkbookAsync(file, cancellationToken))
            return FileNames.IsJson(name) ? await JsonTable.WriteAsync(file, overrides, output, maxBytes, cancellationToken) : null;
        // A copy of its own, because an archive is read from its end and in many places.
        await using var copy = new FileStream(Path.Combine(Path.GetTempPath(), $"driftwood-{Guid.NewGuid():n}"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
        });
        await using (var stored = await file(cancellationToken))
        {
            await stored.CopyToAsync(copy, cancellationToken);
        }

        return await WorkbookTable.WriteAsync(copy, overrides.Sheet, output, maxBytes, cancellationToken);
    }

    private static async Task<bool> MayBeWorkbookAsync(OpenFile file, CancellationToken cancellationToken)
    {
        await using var stored = await file(cancellationToken);
        var start = new byte[StartBytes];
        var length = await stored.ReadAtLeastAsync(start, StartBytes, throwOnEndOfStream: false, cancellationToken);
        return WorkbookTable.MayBe(start.AsSpan(0, length));
    }
}
