using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;
using FluentValidation;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsList
{
    public static readonly Page<ImportView> Example = new([ImportView.Example], null);

    internal sealed record Request : IPaged
    {
        public string? Cursor { get; init; }
        public int? Limit { get; init; }

        /// <summary>Only imports in this state.</summary>
        public JobStatus? Status { get; init; }

        /// <summary>Only imports of this record type.</summary>
        public string? ModelType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.ModelType).RecordTypeKey();
        }
    }

    public static Task<Page<ImportView>> HandleAsync(
        Request request, Caller caller, ImportReader imports, CancellationToken cancellationToken) =>
        imports.ListAsync(
            "imports-list",
            caller,
            request,
            job => (request.Status == null || job.Status == request.Status)
                && (request.ModelType == null || job.RecordType == request.ModelType),
            cancellationToken);
}
