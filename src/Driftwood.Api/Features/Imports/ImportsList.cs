using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using FluentValidation;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsList
{
    private const string List = "imports-list";

    public static readonly Page<ImportView> Example = new([ImportView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only imports in this state.</summary>
        public string? Status { get; init; }

        /// <summary>Only imports of this record type.</summary>
        public string? ModelType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.ModelType).RecordTypeKey();
            RuleFor(r => r.Status).OneOf([.. Enum.GetValues<JobStatus>().Select(status => WireJson.Name(status.ToString()))]);
        }
    }

    public static async Task<Page<ImportView>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var before = Cursor.ReadId(caller, List, request.Cursor);
        var status = request.Status is null ? (JobStatus?)null : Enum.Parse<JobStatus>(request.Status, ignoreCase: true);
        var rows = await db.Imports(caller).AsNoTracking()
            .Where(job => (before == null || job.Id < before)
                && (status == null || job.Status == status)
                && (request.ModelType == null || job.RecordType == request.ModelType))
            .OrderByDescending(job => job.Id)
            .Take(request.FetchCount())
            .Select(ImportView.FromJob)
            .ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return rows.ConvertAll(row => row.ToView(now)).ToPage(request, last => Cursor.Write(caller, List, last.Id.ToString()));
    }
}
