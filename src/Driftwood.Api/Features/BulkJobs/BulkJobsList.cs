using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsList
{
    // The other states are states of uploads.
    private static readonly JobStatus[] States = [.. Enum.GetValues<JobStatus>().Except([JobStatus.Uploaded, JobStatus.Expired])];

    public static readonly Page<BulkJobView> Example = new([BulkJobView.Example with { EntityIds = null }], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only jobs in this state.</summary>
        public JobStatus? Status { get; init; }

        /// <summary>Only jobs on this record type.</summary>
        public string? EntityType { get; init; }

        /// <summary>Only jobs of this operation.</summary>
        public JobOperation? Operation { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.EntityType).RecordTypeKey();
            RuleFor(r => r.Status).OneOf(States);
        }
    }

    public static Task<Page<BulkJobView>> HandleAsync(
        Request request, Caller caller, BulkJobReader jobs, CancellationToken cancellationToken)
    {
        var operation = request.Operation is { } name ? WireJson.Word(name) : null;
        return jobs.ListAsync(
            "bulk-jobs-list",
            caller,
            request,
            job => (request.Status == null || job.Status == request.Status)
                && (request.EntityType == null || job.RecordType == request.EntityType)
                && (operation == null || job.BulkJob!.Operation == operation),
            cancellationToken);
    }
}
