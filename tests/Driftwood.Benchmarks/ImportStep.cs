namespace Driftwood.Benchmarks;

/// <summary>One file that both sides import.</summary>
/// <param name="Name">The printed name.</param>
/// <param name="Strategy">Driftwood's <c>duplicate_strategy</c>.</param>
/// <param name="File">The content of the file.</param>
/// <param name="Statement">The script's statement after the file is staged.</param>
internal sealed record ImportStep(string Name, string Strategy, ContactsFile File, string Statement)
{
    /// <summary>
    /// An import into an empty account, one over all contacts, the same file again, one that overwrites, and a file of new, known and bad
    /// rows.
    /// </summary>
    /// <param name="rows">The number of rows in each file.</param>
    /// <param name="isShuffled">The files after the first have an order that is unlike its order, in which the contacts are stored.</param>
    public static IReadOnlyList<ImportStep> All(int rows, bool isShuffled = false) =>
    [
        .. SkipAndMerge(rows, isShuffled),
        new("again", "merge", new ContactsFile(rows, Edition: 1, IsShuffled: isShuffled), HandWrittenSql.Merge),
        new("overwrite", "overwrite", new ContactsFile(rows, Edition: 2, IsShuffled: isShuffled), HandWrittenSql.Overwrite),
        new("mixed", "merge", new ContactsFile(rows, Edition: 3, IsMixed: true, IsShuffled: isShuffled), HandWrittenSql.Mixed),
    ];

    public static IReadOnlyList<ImportStep> SkipAndMerge(int rows, bool isShuffled = false) =>
    [
        new("skip", "skip", new ContactsFile(rows, Edition: 0), HandWrittenSql.Skip),
        new("merge", "merge", new ContactsFile(rows, Edition: 1, IsShuffled: isShuffled), HandWrittenSql.Merge),
    ];

    /// <summary>The expected outcomes of the rows after the steps before.</summary>
    public ImportCounts Expected => Name switch
    {
        "skip" => new ImportCounts(File.Rows, 0, 0, 0),
        "again" => new ImportCounts(0, 0, File.Rows, 0),
        "mixed" => new ImportCounts(File.NewRows, File.Rows - File.NewRows - File.BadRows, 0, File.BadRows),
        _ => new ImportCounts(0, File.Rows, 0, 0),
    };
}
