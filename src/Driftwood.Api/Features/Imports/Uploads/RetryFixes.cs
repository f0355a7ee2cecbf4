using System.Text;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Errors;
using Driftwood.Data.Model;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Files;
using Driftwood.Engine.Files.Tables;
using Driftwood.Engine.Imports.Plan;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Corrected cells of a failed row.</summary>
internal sealed record RetryFix
{
    /// <summary>The number of the failed row, as imports-errors has it.</summary>
    public required long Row { get; init; }

    /// <summary>
    /// Column name, as in the preview's headers, to the text of the cell, as it would stand in the file. Other cells of the row stay as
    /// they are. A row whose cells are not known (wrong_column_count, unclosed_quote, record_too_large, row_not_kept) needs the cells
    /// of all mapped columns.
    /// </summary>
    public required Dictionary<string, string> Values { get; init; }
}

/// <summary>Puts the corrected cells of a retry in their rows.</summary>
internal static class RetryFixes
{
    /// <summary>Bytes of a corrected row's cells, so that the row with its quotes is no larger than one that is read.</summary>
    private const int MaxRowBytes = FileLimits.MaxRecordBytes / 4;

    /// <summary>Checks the fixes against the failed rows and the columns.</summary>
    /// <param name="fixes">The fixes, each of another row.</param>
    /// <param name="failed">The failed rows that they name, by number.</param>
    /// <param name="headers">The file's columns.</param>
    /// <param name="spec">The settings of the import.</param>
    /// <returns>The cells of the corrected rows, by row number.</returns>
    /// <exception cref="ApiException">422 with every reason at once.</exception>
    public static IReadOnlyDictionary<long, byte[][]> Apply(
        IReadOnlyList<RetryFix> fixes, IReadOnlyDictionary<long, RowError> failed, string[] headers, ImportSpec spec)
    {
        List<Fault> faults = [];
        Dictionary<long, byte[][]> rows = [];
        foreach (var (i, fix) in fixes.Index())
        {
            if (faults.Count >= ApiException.MaxDetails) break;
            var path = FormattableString.Invariant($"fixes[{i}]");
            if (!failed.TryGetValue(fix.Row, out var row))
                faults.Add(new Fault($"{path}.row", "not_failed", $"Row {fix.Row} did not fail in this import."));
            else if (FaultsOf(fix, row, headers, spec).ToList() is { Count: > 0 } found)
                faults.AddRange(found.Select(fault => fault with { Path = $"{path}.{fault.Path}" }));
            else rows[fix.Row] = CellsOf(fix, row, headers);
        }

        return faults.Count == 0 ? rows : throw ApiException.Validation(faults);
    }

    private static IEnumerable<Fault> FaultsOf(RetryFix fix, RowError row, string[] headers, ImportSpec spec)
    {
        var columns = headers.ToHashSet(StringComparer.Ordinal);
        foreach (var column in fix.Values.Keys.Where(column => !columns.Contains(column)))
            yield return new Fault(PathOf(column), "unknown_column", "The file has no such column.", headers);
        if (fix.Values.Values.Sum(value => (long)Encoding.UTF8.GetByteCount(value)) > MaxRowBytes)
            yield return new Fault("values", "too_long", $"The cells have more than {MaxRowBytes} bytes.");
        if (RetriedRowsWriter.CanBeTried(row.Code, row.Cells)) yield break;
        var message = $"Row {row.RowNumber} failed with {row.Code}, so it is not known what stood in this column: give its cell, "
            + "and those of all mapped columns.";
        foreach (var column in headers.Intersect(spec.ReadColumns()).Where(column => !fix.Values.ContainsKey(column)))
            yield return new Fault(PathOf(column), "required", message);
    }

    private static string PathOf(string column) => ColumnPath.Of("values", column);

    private static byte[][] CellsOf(RetryFix fix, RowError row, string[] headers)
    {
        var known = RetriedRowsWriter.CanBeTried(row.Code, row.Cells) ? row.Cells : [];
        return
        [
            .. headers.Select((column, i) =>
                fix.Values.TryGetValue(column, out var value) ? Encoding.UTF8.GetBytes(value) : i < known.Length ? known[i] : []),
        ];
    }
}
