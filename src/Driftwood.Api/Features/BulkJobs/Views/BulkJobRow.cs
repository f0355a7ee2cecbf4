using System.Linq.Expressions;
using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.BulkJobs.Views;

/// <summary>A bulk job as one query reads it.</summary>
internal sealed record BulkJobRow : JobRow<BulkJobView>
{
    /// <summary>
    /// Characters of params, filter or query that a list shows. A page of a thousand jobs then has a few megabytes at most.
    /// </summary>
    private const int MaxListed = 2_000;

    /// <summary>Bytes that so many characters take in the table at most.</summary>
    private const int MaxStored = 4 * MaxListed;

    public required string Operation { get; init; }

    /// <summary>Null if the ids are not read, or the job has none. There may be 100,000.</summary>
    public required IReadOnlyList<Guid>? EntityIds { get; init; }

    /// <summary>The same for external IDs.</summary>
    public required IReadOnlyList<string>? ExternalIds { get; init; }

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
    public required Guid? UndoesJobId { get; init; }

    public static readonly Expression<Func<CountedJob, JobRow<BulkJobView>>> WithIds = From(hasIds: true, isListed: false);

    public static readonly Expression<Func<CountedJob, JobRow<BulkJobView>>> WithoutIds = From(hasIds: false, isListed: false);

    public static readonly Expression<Func<CountedJob, JobRow<BulkJobView>>> Listed = From(hasIds: false, isListed: true);

    // The database measures a member first by what it takes in the table, so that it reads no large one, and sends none.
    private static Expression<Func<CountedJob, JobRow<BulkJobView>>> From(bool hasIds, bool isListed) => found => new BulkJobRow
    {
        Job = found.Job,
        CreatedByName = found.Job.Creator!.Name,
        Lanes = found.Lanes,
        Operation = found.Job.BulkJob!.Operation,
        EntityIds = hasIds ? found.Job.BulkJob.EntityIds : null,
        ExternalIds = hasIds ? found.Job.BulkJob.ExternalIds : null,
        Params = isListed
            && (StoredTexts.Size(found.Job.BulkJob.Params) > MaxStored || StoredTexts.Text(found.Job.BulkJob.Params).Length > MaxListed)
            ? null : found.Job.BulkJob.Params,
        Filter = isListed
            && (StoredTexts.Size(found.Job.BulkJob.Filter) > MaxStored || StoredTexts.Text(found.Job.BulkJob.Filter).Length > MaxListed)
            ? null : found.Job.BulkJob.Filter,
        Query = isListed
            && (StoredTexts.Size(found.Job.BulkJob.Query) > MaxStored || StoredTexts.Text(found.Job.BulkJob.Query).Length > MaxListed)
            ? null : found.Job.BulkJob.Query,
        HasFilter = found.Job.BulkJob.Filter != null,
        HasQuery = found.Job.BulkJob.Query != null,
        ExpectedCount = found.Job.BulkJob.ExpectedCount,
        NamesExternalIds = found.Job.BulkJob.ExternalIds != null,
        UndoesJobId = found.Job.BulkJob.UndoesJobId,
    };

    public override BulkJobView ToView(DateTimeOffset now) => new()
    {
        Id = Job.Id,
        AccountId = Job.AccountId,
        CreatedBy = Job.CreatedBy,
        EntityType = Job.RecordType,
        Operation = Enum.Parse<JobOperation>(Operation, ignoreCase: true),
        EntityIds = EntityIds,
        ExternalIds = ExternalIds,
        Params = Params is null ? null : JsonElement.Parse(Params),
        Status = Job.Status,
        TotalCount = Job.TotalCount,
        ProcessedCount = Sums.Processed,
        FailedCount = Sums.Failed,
        ErrorMessage = Job.ErrorMessage,
        CreatedAt = Job.CreatedAt,
        UpdatedAt = UpdatedAt,
        Name = Job.Name,
        StartedAt = Job.StartedAt,
        CompletedAt = Job.CompletedAt,
        // The skipped targets of an undo are those that it keeps. Other jobs skip those that have the new values already.
        SuccessCount = Sums.Processed - Sums.Failed - (UndoesJobId is null ? 0 : Sums.Skipped),
        SkippedCount = UndoesJobId is null ? Sums.Skipped : 0,
        KeptCount = UndoesJobId is null ? null : Sums.Skipped,
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
