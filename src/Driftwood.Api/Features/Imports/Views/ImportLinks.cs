using System.Text.Json.Serialization;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Imports.Views;

/// <summary>The paths of what can be read of an import by GET. A path is left out while there is nothing behind it.</summary>
/// <param name="Self">The import, as imports-get answers it.</param>
/// <param name="Results">What became of each row, page by page (imports-results): from the confirmation on.</param>
/// <param name="ResultsCsv">The same as a file, the receipt (imports-results-csv): once the import has ended.</param>
/// <param name="Errors">The failed rows, page by page (imports-errors): once a row has failed.</param>
/// <param name="ErrorsCsv">The same as a file to correct (imports-errors-csv).</param>
/// <param name="Warnings">The rows with a warning, page by page (imports-warnings): once a row has one.</param>
/// <param name="Manifest">The signed proof (imports-manifest): once the import has ended.</param>
internal sealed record ImportLinks(
    string Self,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Results,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ResultsCsv,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ErrorsCsv,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Warnings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Manifest)
{
    public static ImportLinks Of(ImportView import)
    {
        var self = $"/api/imports/{import.Id}";
        string? Link(string end, bool isThere) => isThere ? $"{self}/{end}" : null;
        var isKept = import.StartedAt is not null && import.Status != JobStatus.Expired;
        var hasEnded = isKept && import.Status is not (JobStatus.Processing or JobStatus.Paused);
        return new ImportLinks(
            self,
            Link("results", isKept),
            Link("results.csv", hasEnded),
            Link("errors", isKept && import.FailedCount > 0),
            Link("errors.csv", isKept && import.FailedCount > 0),
            Link("warnings", isKept && import.WarningCount > 0),
            Link("manifest", hasEnded));
    }
}
