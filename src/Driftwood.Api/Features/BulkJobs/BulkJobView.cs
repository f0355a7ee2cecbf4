using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A bulk job as callers see it: the document's members first, in its order.</summary>
internal sealed record BulkJobView
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid CreatedBy { get; init; }
    public required string EntityType { get; init; }
    public required string Operation { get; init; }

    /// <summary>As they were given; left out in lists, and where the targets were named in another way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? EntityIds { get; init; }

    public required JsonElement Params { get; init; }
    public required JobStatus Status { get; init; }
    public required long TotalCount { get; init; }
    public required long ProcessedCount { get; init; }
    public required long FailedCount { get; init; }
    public required string? ErrorMessage { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public required string? Name { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }
    public required DateTimeOffset? CompletedAt { get; init; }
    public required long SuccessCount { get; init; }
    public required string CreatedByName { get; init; }
    public required double? RowsPerSecond { get; init; }
    public required long? EtaSeconds { get; init; }

    /// <summary>The route to poll, with the job's id.</summary>
    public required string ProgressPath { get; init; }

    /// <summary>As they were given; left out in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ExternalIds { get; init; }

    /// <summary>As it was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Filter { get; init; }

    /// <summary>As it was given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Query { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpectedCount { get; init; }

    public static readonly BulkJobView Example = new()
    {
        Id = Guid.Parse("01977c24-aa0e-7840-8e29-b41d4a716446"),
        AccountId = Guid.Parse("01977c1e-0000-7000-8000-0c6d2e8f4a71"),
        CreatedBy = Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        EntityType = "contacts",
        Operation = "delete",
        EntityIds =
        [
            Guid.Parse("550e8400-e29b-41d4-a716-446655440000"),
            Guid.Parse("550e8400-e29b-41d4-a716-446655440001"),
            Guid.Parse("550e8400-e29b-41d4-a716-446655440002"),
        ],
        Params = JsonElement.Parse("{}"),
        Status = JobStatus.Completed,
        TotalCount = 3,
        ProcessedCount = 3,
        FailedCount = 0,
        ErrorMessage = null,
        CreatedAt = new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        UpdatedAt = new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero),
        Name = null,
        StartedAt = new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        CompletedAt = new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero),
        SuccessCount = 3,
        CreatedByName = "Jane Smith",
        RowsPerSecond = 1.5,
        EtaSeconds = null,
        ProgressPath = "/api/bulk-jobs-get",
    };

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
        job.Creator!.Name,
        job.BulkJob.Filter,
        job.BulkJob.Query,
        job.BulkJob.ExpectedCount);

    /// <summary>A row of <see cref="FromJob"/>.</summary>
    internal sealed record Row(
        Guid Id, Guid AccountId, Guid CreatedBy, string EntityType, string Operation, string Params, JobStatus Status,
        long Total, long Processed, long Failed, DateTimeOffset? LanesUpdatedAt, string? ErrorMessage,
        DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string? Name, DateTimeOffset? StartedAt, DateTimeOffset? CompletedAt,
        string CreatedByName, string? Filter, string? Query, long? ExpectedCount)
    {
        public BulkJobView ToView(DateTimeOffset now)
        {
            var pace = JobPace.Of(Processed, Total, StartedAt, CompletedAt, now);
            return new BulkJobView
            {
                Id = Id,
                AccountId = AccountId,
                CreatedBy = CreatedBy,
                EntityType = EntityType,
                Operation = Operation,
                Params = JsonElement.Parse(Params),
                Status = Status,
                TotalCount = Total,
                ProcessedCount = Processed,
                FailedCount = Failed,
                ErrorMessage = ErrorMessage,
                CreatedAt = CreatedAt,
                UpdatedAt = LanesUpdatedAt > UpdatedAt ? LanesUpdatedAt.Value : UpdatedAt,
                Name = Name,
                StartedAt = StartedAt,
                CompletedAt = CompletedAt,
                SuccessCount = Processed - Failed,
                CreatedByName = CreatedByName,
                RowsPerSecond = pace.RowsPerSecond,
                EtaSeconds = Status == JobStatus.Processing ? pace.EtaSeconds : null,
                ProgressPath = "/api/bulk-jobs-get",
                Filter = Filter is null ? null : JsonElement.Parse(Filter),
                Query = Query,
                ExpectedCount = ExpectedCount,
            };
        }
    }
}
