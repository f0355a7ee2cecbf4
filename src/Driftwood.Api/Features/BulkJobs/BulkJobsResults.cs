using System.Globalization;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Bulk.Results;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsResults
{
    public static readonly Page<Item> Example = new(
        [
            new(0, Guid.Parse("550e8400-e29b-41d4-a716-446655440000"), null, TargetOutcome.Succeeded, null, null, TargetEffect.Updated,
                ["city"], null),
            new(1, Guid.Parse("550e8400-e29b-41d4-a716-446655440001"), null, TargetOutcome.Failed, "not_found", "There is no such record.",
                null, null, null),
        ],
        null);

    internal sealed record Request : IPaged
    {
        public required Guid Id { get; init; }

        /// <summary>succeeded, failed or, for an undo, kept. Without it: all.</summary>
        public TargetOutcome? Outcome { get; init; }
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    /// <summary>The outcome of one target.</summary>
    /// <param name="Index">The target's place in the list of the request, or among the records that its filter found, from 0.</param>
    /// <param name="EntityId">The record that was changed or created, or could not be changed; null if a failed item names none.</param>
    /// <param name="ExternalId">The external ID that names the target, or that its item contains.</param>
    /// <param name="Outcome">Whether it succeeded.</param>
    /// <param name="Code">The reason why it failed, as a stable word.</param>
    /// <param name="Message">The reason in words for people.</param>
    /// <param name="Effect">What became of the record; null if the target failed.</param>
    /// <param name="Changed">
    /// The fields that changed in an existing record. Null for other effects, and where the change log does not have them.
    /// </param>
    /// <param name="Ref">The item's `ref`: the caller's own name for it.</param>
    internal sealed record Item(
        long Index, Guid? EntityId, string? ExternalId, TargetOutcome Outcome, string? Code, string? Message, TargetEffect? Effect,
        IReadOnlyList<string>? Changed, string? Ref);

    public static async Task<Page<Item>> HandleAsync(
        Request request, Caller caller, BulkJobReader jobs, BulkResults results, NamedRecords named, ChangedFields changed,
        CancellationToken cancellationToken)
    {
        await jobs.RequireAsync(caller, request.Id, cancellationToken);
        var list = $"bulk-jobs-results {request.Id} {request.Outcome}";
        var after = Cursor.ReadNumber(caller, list, request.Cursor) ?? BulkResults.Start;
        var limit = request.Limit ?? Paging.DefaultLimit;
        var page = await results.ReadAsync(caller.AccountId, request.Id, request.Outcome, after, limit, cancellationToken);
        var items = await named.AddAsync(caller.AccountId, request.Id, page.Items, cancellationToken);
        items = await changed.AddAsync(caller.AccountId, request.Id, items, cancellationToken);
        return new Page<Item>(
            [.. items.Select(ToItem)],
            page.Next is { } next ? Cursor.Write(caller, list, [next.ToString(CultureInfo.InvariantCulture)]) : null);
    }

    private static Item ToItem(TargetResult result) =>
        new(result.Index, result.EntityId, result.ExternalId, result.Outcome, result.Code, result.Message, result.Effect,
            result.Changed, result.Ref);
}
