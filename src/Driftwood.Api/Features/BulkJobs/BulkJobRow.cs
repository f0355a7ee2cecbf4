using System.Linq.Expressions;
using System.Text.Json;
using Driftwood.Api.Features.Jobs;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Operations;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A bulk job as one query reads it, without its ids.</summary>
internal sealed record BulkJobRow : JobRow<BulkJobView>
{
    public required string Operation { get; init; }
    public required string Params { get; init; }
    public required string? Filter { get; init; }
    public required string? Query { get; init; }
    public required long? ExpectedCount { get; init; }
    public required bool NamesExternalIds { get; init; }

    public static readonly Expression<Func<Job, JobRow<BulkJobView>>> FromJob = job => new BulkJobRow
    {
        Job = job,
        CreatedByName = job.Creator!.Name,
        Processed = job.Lanes.Sum(lane => lane.Processed),
        Failed = job.Lanes.Sum(lane => lane.Failed),
        LanesUpdatedAt = job.Lanes.Max(lane => (DateTimeOffset?)lane.UpdatedAt),
        Operation = job.BulkJob!.Operation,
        Params = job.BulkJob.Params,
        Filter = job.BulkJob.Filter,
        Query = job.BulkJob.Query,
        ExpectedCount = job.BulkJob.ExpectedCount,
        NamesExternalIds = job.BulkJob.ExternalIds != null,
    };

    public override BulkJobView ToView(DateTimeOffset now) => new()
    {
        Id = Job.Id,
        AccountId = Job.AccountId,
        CreatedBy = Job.CreatedBy,
        EntityType = Job.RecordType,
        Operation = Enum.Parse<OperationName>(Operation, ignoreCase: true),
        Params = JsonElement.Parse(Params),
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
        SuccessCount = Processed - Failed,
        CreatedByName = CreatedByName,
        RowsPerSecond = PaceAt(now).RowsPerSecond,
        EtaSeconds = PaceAt(now).EtaSeconds,
        Filter = Filter is null ? null : JsonElement.Parse(Filter),
        Query = Query,
        ExpectedCount = ExpectedCount,
        NamesExternalIds = NamesExternalIds,
    };
}
