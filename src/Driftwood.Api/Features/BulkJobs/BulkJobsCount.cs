using System.Text.Json;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Store;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsCount
{
    internal sealed record Request : IBulkSelection
    {
        /// <summary>The record type of the targets.</summary>
        public required string EntityType { get; init; }

        /// <summary>1 to 100,000 ids; repeated ids count once. Or use external_ids, filter or query.</summary>
        public Guid[]? EntityIds { get; init; }

        /// <summary>1 to 100,000 external IDs; IDs that are equal when normalised count once.</summary>
        public string[]? ExternalIds { get; init; }

        /// <summary>A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as SELECT id FROM contacts WHERE city = 'Oslo'.</summary>
        public string? Query { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new BulkSelectionRules());
    }

    /// <param name="Count">The total_count that a job would have. A list counts all its entries, found or not.</param>
    /// <param name="Sample">The newest ten of the found records.</param>
    internal sealed record Result(long Count, IReadOnlyList<StoredRecord> Sample);

    public static Task<Result> HandleAsync(
        Request request, Caller caller, BulkSelections selections, CancellationToken cancellationToken) =>
        selections.CountAsync(request, caller, cancellationToken);
}
