using System.Linq.Expressions;
using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>A bulk job as one query reads it, without its ids.</summary>
internal sealed record BulkJobRow : JobRow<BulkJobView>
{
    /// <summary>
    /// Characters of params, filter or query that a list shows. A page of a thousand jobs then has a few megabytes at most.
    /// </summary>
    private const int MaxListed = 2_000;

    /// <summary>Bytes that so many characters take in the table at most.</summary>
    private const int MaxStored = 4 * MaxListed;

    public required string Operation { get; init; }

    /// <summary>Null if it is too large for the list.</summary>
    public required string? Params { get; init; }

    /// <summary>The same, or null if the job has none.</summary>
    public required string? Filter { get; init; }

    /// <summary>The same, or null if the job has none.</summary>
    public required string? Query { get; init; }

    public required bool HasFilter { get; init; }
    public required bool HasQuery { get; init; }
    public required long? ExpectedCount { get; init; }
    public required bool NamesExternalIds { get; init; }
    /// <summary>Of an undo, the kept targets; else those that had the new values already.</summary>
    public required long Skipped { get; init; }
    public required Guid? UndoesJobId { get; init; }

    public static readonly Expression<Func<Job, JobRow<BulkJobView>>> FromJob = From(isListed: false);

    public static readonly Expression<Func<Job, JobRow<BulkJobView>>> FromListedJob = From(isListed: true);

    // The database measures a member first by what it takes in the table, so that it reads no large one, and sends none.
    private static Expression<Func<Job, JobRow<BulkJobView>>> From(bool isListed) => job => new BulkJobRow
    {
        Job = job,
        CreatedByName = job.Creator!.Name,
        Processed = job.Lanes.Sum(lane => lane.Processed),
        Failed = job.Lanes.Sum(lane => lane.Failed),
        LanesUpdatedAt = job.Lanes.Max(lane => (DateTimeOffset?)lane.UpdatedAt),
        Operation = job.BulkJob!.Operation,
        Params = isListed
            && (StoredTexts.Size(job.BulkJob.Params) > MaxStored || StoredTexts.Text(job.BulkJob.Params).Length > MaxListed)
            ? null : job.BulkJob.Params,
        Filter = isListed
            && (StoredTexts.Size(job.BulkJob.Filter) > MaxStored || StoredTexts.Text(job.BulkJob.Filter).Length > MaxListed)
            ? null : job.BulkJob.Filter,
        Query = isListed
            && (StoredTexts.Size(job.BulkJob.Query) > MaxStored || StoredTexts.Text(job.BulkJob.Query).Length > MaxListed)
            ? null : job.BulkJob.Query,
        HasFilter = job.BulkJob.Filter != null,
        HasQuery = job.BulkJob.Query != null,
        ExpectedCount = job.BulkJob.ExpectedCount,
        NamesExternalIds = job.BulkJob.ExternalIds != null,
        Skipped = job.Lanes.Sum(lane => lane.Skipped),
        UndoesJobId = job.BulkJob.UndoesJobId,
    };

    public override BulkJobView ToView(DateTimeOffset now) => new()
    {
        Id = Job.Id,
        AccountId = Job.AccountId,
        CreatedBy = Job.CreatedBy,
        EntityType = Job.RecordType,
        Operation = Enum.Parse<JobOperation>(Operation, ignoreCase: true),
        Params = Params is null ? null : JsonElement.Parse(Params),
        Status = Job.Status,
        TotalCount = Job.TotalCount,
        ProcessedCount = Processed,
        FailedCount = Failed,
        ErrorMessage = Job.ErrorMessage,
        CreatedAt = Job.CreatedAt,
        UpdatedAt = UpdatedAt,
        Name = Job.Name,
        StartedAt = Job.StartedAt,
        CompletedAt = Job.CompletedAt,
        SuccessCount = Processed - Failed - (UndoesJobId is null ? 0 : Skipped),
        SkippedCount = UndoesJobId is null ? Skipped : 0,
        KeptCount = UndoesJobId is null ? null : Skipped,
        CreatedByName = CreatedByName,
        RowsPerSecond = PaceAt(now).RowsPerSecond,
        EtaSeconds = PaceAt(now).EtaSeconds,
        Filter = Filter is null ? null : JsonElement.Parse(Filter),
        Query = Query,
        ExpectedCount = ExpectedCount,
        NamesExternalIds = NamesExternalIds,
        KeepChanges = Job.KeepChanges,
        UndoesJobId = UndoesJobId,
        DryRun = Job.DryRunState is null ? null : true,
        Omitted = Omitted() is { Length: > 0 } omitted ? omitted : null,
    };

    private string[] Omitted() =>
    [
        .. Params is null ? ["params"] : Array.Empty<string>(),
        .. HasFilter && Filter is null ? ["filter"] : Array.Empty<string>(),
        .. HasQuery && Query is null ? ["query"] : Array.Empty<string>(),
    ];
}
