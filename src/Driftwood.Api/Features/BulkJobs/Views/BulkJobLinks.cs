using System.Text.Json.Serialization;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>The paths of what can be read of a bulk job by GET. A path is left out while there is nothing behind it.</summary>
/// <param name="Self">The job, as bulk-jobs-get answers it.</param>
/// <param name="Results">The outcome of each target, page by page (bulk-jobs-results): once the job has started.</param>
/// <param name="ResultsCsv">The same as a file (bulk-jobs-results-csv).</param>
internal sealed record BulkJobLinks(
    string Self,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Results,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ResultsCsv)
{
    public static BulkJobLinks Of(BulkJobView job)
    {
        var self = $"/api/bulk-jobs/{job.Id}";
        return job.StartedAt is null
            ? new BulkJobLinks(self, null, null)
            : new BulkJobLinks(self, $"{self}/results", $"{self}/results.csv");
    }
}
