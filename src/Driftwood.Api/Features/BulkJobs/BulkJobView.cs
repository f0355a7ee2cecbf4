using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A bulk job as callers see it: the document's members first, in its order.</summary>
internal sealed record BulkJobView(
    Guid Id,
    Guid AccountId,
    Guid CreatedBy,
    string EntityType,
    string Operation,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Guid>? EntityIds,
    JsonElement Params,
    JobStatus Status,
    long TotalCount,
    long ProcessedCount,
    long FailedCount,
    string? ErrorMessage,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string? Name,
    DateTimeOffset? StartedAt,
    DateTimeOffset? CompletedAt,
    long SuccessCount,
    string CreatedByName,
    double? RowsPerSecond,
    long? EtaSeconds,
    string ProgressPath)
{
    public static readonly BulkJobView Example = new(
        Guid.Parse("01977c24-aa0e-7840-8e29-b41d4a716446"),
        Guid.Parse("01977c1e-0000-7000-8000-0c6d2e8f4a71"),
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        "contacts",
        "delete",
        [Guid.Parse("550e8400-e29b-41d4-a716-446655440000"), Guid.Parse("550e8400-e29b-41d4-a716-446655440001"), Guid.Parse("550e8400-e29b-41d4-a716-446655440002")],
        JsonElement.Parse("{}"),
        JobStatus.Completed, 3, 3, 0, null,
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero), new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero),
        null,
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero), new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero),
        3, "Jane Smith", 1.5, null, "/api/bulk-jobs-get");

    /// <summary>One query, so that all counters are of the same moment; the ids are left out, as there may be 100,000.</summary>
    public static readonly Expression<Func<Job, Row>> FromJob = job => new Row(
        job.Id,
        job.AccountId,
        job.CreatedBy,
        job.RecordType,
        job.BulkJob!.Operation,
        job.BulkJob.Params,
        job.Status,
        job.TotalCount,
        job.Lanes.Sum(lane => lane.Processed),
        job.Lanes.Sum(lane => lane.Failed),
        job.Lanes.Max(lane => (DateTimeOffset?)lane.UpdatedAt),
        job.ErrorMessage,
        job.CreatedAt,
        job.UpdatedAt,
        job.Name,
        job.StartedAt,
        job.CompletedAt,
        job.Creator!.Name);

    /// <summary>A row of <see cref="FromJob"/>.</summary>
    internal sealed record Row(
        Guid Id, Guid AccountId, Guid CreatedBy, string EntityType, string Operation, string Params, JobStatus Status,
        long Total, long Processed, long Failed, DateTimeOffset? LanesUpdatedAt, string? ErrorMessage,
        DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Name, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt,
        string CreatedByName)
    {
        public BulkJobView ToView(IReadOnlyList<Guid>? entityIds, DateTimeOffset now)
        {
            var pace = JobPace.Of(Processed, Total, StartedAt, CompletedAt, now);
            return new BulkJobView(
                Id, AccountId, CreatedBy, EntityType, Operation, entityIds, JsonElement.Parse(Params), Status, Total, Processed, Failed, ErrorMessage,
                CreatedAt, LanesUpdatedAt > UpdatedAt ? LanesUpdatedAt.Value : UpdatedAt, Name, StartedAt, CompletedAt,
                Processed - Failed, CreatedByName, pace.RowsPerSecond, Status == JobStatus.Processing ? pace.EtaSeconds : null, "/api/bulk-jobs-get");
        }
    }
}
