using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Operations;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsList
{
    private const string List = "bulk-jobs-list";

    private static readonly JobStatus[] States = [.. Enum.GetValues<JobStatus>().Where(status => status is not (JobStatus.Uploaded or JobStatus.Expired))];

    public static readonly Page<BulkJobView> Example = new([BulkJobView.Example with { EntityIds = null }], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only jobs in this state.</summary>
        public string? Status { get; init; }

        /// <summary>Only jobs on this record type.</summary>
        public string? EntityType { get; init; }

        /// <summary>Only jobs of this operation.</summary>
        public string? Operation { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.EntityType).RecordTypeKey();
            RuleFor(r => r.Status).OneOf([.. States.Select(status => WireJson.Name(status.ToString()))]);
            RuleFor(r => r.Operation).OneOf([.. BulkOperation.Names.Union(ItemsOperation.Names)]);
        }
    }

    public static async Task<Page<BulkJobView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var before = Cursor.ReadId(caller, List, request.Cursor);
        var status = request.Status is null ? (JobStatus?)null : Enum.Parse<JobStatus>(request.Status, ignoreCase: true);
        var rows = await db.BulkJobs(caller).AsNoTracking()
            .Where(job => (before == null || job.Id < before)
                && (status == null || job.Status == status)
                && (request.EntityType == null || job.RecordType == request.EntityType)
                && (request.Operation == null || job.BulkJob!.Operation == request.Operation))
            .OrderByDescending(job => job.Id)
            .Take(request.FetchCount())
            .Select(BulkJobView.FromJob)
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return rows.ConvertAll(row => row.ToView(now)).ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }
}
