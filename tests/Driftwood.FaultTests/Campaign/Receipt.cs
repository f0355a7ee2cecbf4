using Driftwood.Tests.Engine;

namespace Driftwood.FaultTests.Campaign;

/// <summary>The file that tells what became of each row of an import.</summary>
internal static class Receipt
{
    private const int OwnColumns = 6;

    /// <summary>Lists how a receipt differs from the file and from the expected outcomes.</summary>
    /// <param name="text">The receipt.</param>
    /// <param name="columns">The file's columns.</param>
    /// <param name="rows">The file's rows.</param>
    /// <param name="counts">The expected number of created, updated, unchanged, skipped and failed rows.</param>
    /// <param name="isDry">Whether the import is a dry run: its new contacts have no ids.</param>
    public static IEnumerable<string> Differences(
        string text, string[] columns, IReadOnlyList<string[]> rows, IReadOnlyList<int> counts, bool isDry)
    {
        var lines = PlainCsv.Read(text.TrimStart('\uFEFF')).Skip(1).ToList();
        if (lines.Count != rows.Count)
        {
            yield return $"the receipt has {lines.Count} lines, expected {rows.Count}";
            yield break;
        }

        foreach (var (index, (line, row)) in lines.Zip(rows).Index())
        {
            string[] cells = [.. line[..columns.Length], .. line[(columns.Length + OwnColumns)..]];
            var isSame = cells.Select(PlainCsv.Unguarded).SequenceEqual(row) && line[columns.Length] == $"{index + 1}";
            if (!isSame) yield return $"line {index + 1} of the receipt is {string.Join(',', line)}, the row {string.Join(',', row)}";
        }

        string[] outcomes = ["created", "updated", "unchanged", "skipped", "failed"];
        int[] found = [.. outcomes.Select(outcome => lines.Count(line => line[columns.Length + 1] == outcome))];
        if (!found.SequenceEqual(counts))
            yield return $"the receipt has {string.Join('/', found)} outcomes, expected {string.Join('/', counts)}";
        var made = lines.Where(line => line[columns.Length + 1] == "created").Select(line => line[columns.Length + 2]).ToList();
        if (!isDry && made.Distinct().Count() < made.Count) yield return "the receipt names a new contact twice";
    }
}
