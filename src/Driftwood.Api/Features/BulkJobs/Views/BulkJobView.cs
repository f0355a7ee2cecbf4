using System.Text.Json;
using System.Text.Json.Serialization;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>A bulk job as callers see it. The members of API.md come first, in its order.</summary>
internal sealed record BulkJobView : IJobView
{
    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required Guid CreatedBy { get; init; }
    public required string EntityType { get; init; }
    public required JobOperation Operation { get; init; }

    /// <summary>The ids as the request gave them. Left out in lists, and if the targets were named in another way.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Guid>? EntityIds { get; init; }

    /// <summary>The operation's parameters. Left out in lists if they are longer than 2,000 characters; see omitted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required JsonElement? Params { get; init; }
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

    /// <summary>The targets that had the new values already, so that nothing was written. They are among the successful ones.</summary>
    public long SkippedCount { get; init; }
    public required string CreatedByName { get; init; }
    public required double? RowsPerSecond { get; init; }
    public required long? EtaSeconds { get; init; }

    /// <summary>The route to poll, with the job's id.</summary>
    public string ProgressPath { get; init; } = "/api/bulk-jobs-get";

    /// <summary>The external IDs as the request gave them. Left out in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? ExternalIds { get; init; }

    /// <summary>Whether the request named the targets by external ID. Not on the wire.</summary>
    [JsonIgnore]
    public bool NamesExternalIds { get; init; }

    /// <summary>The filter as the request gave it. Left out in lists if it is long, as params are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Filter { get; init; }

    /// <summary>The query as the request gave it. Left out in lists if it is long, as params are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Query { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ExpectedCount { get; init; }

    /// <summary>Whether the change log keeps what records held before, so that the job can be undone.</summary>
    public bool KeepChanges { get; init; } = true;

    /// <summary>Of an undo: the job that it takes back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? UndoesJobId { get; init; }

    /// <summary>True: the undo only reports what it would do, and changes nothing. Left out otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? DryRun { get; init; }

    /// <summary>Of an undo: the targets that keep some or all of their values, because somebody has changed them since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? KeptCount { get; init; }

    /// <summary>
    /// In lists: which of params, filter and query the job has but the list does not show, since they are long. bulk-jobs-get has them.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Omitted { get; init; }

    /// <summary>What can be read of the job by GET, with the same token.</summary>
    public BulkJobLinks Links => BulkJobLinks.Of(this);

    public static readonly BulkJobView Example = new()
    {
        Id = Guid.Parse("01977c24-aa0e-7840-8e29-b41d4a716446"),
        AccountId = Guid.Parse("01977c1e-0000-7000-8000-0c6d2e8f4a71"),
        CreatedBy = Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        EntityType = "contacts",
        Operation = JobOperation.Delete,
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
    };
}
