using System.Globalization;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Results;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsResults
{
    private static readonly string[] Outcomes = ["succeeded", "failed"];

    public static readonly Page<Item> Example = new(
        [
            new Item(0, Guid.Parse("550e8400-e29b-41d4-a716-446655440000"), null, "succeeded", null, null),
            new Item(1, Guid.Parse("550e8400-e29b-41d4-a716-446655440001"), null, "failed", "not_found", "There is no such record."),
        ],
        null);

    internal sealed record Request : IPaged
    {
        public required Guid Id { get; init; }

        /// <summary>succeeded or failed; all without it.</summary>
        public string? Outcome { get; init; }
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new PagingRules());
            RuleFor(r => r.Outcome).OneOf(Outcomes);
        }
    }

    /// <summary>What became of one target.</summary>
    /// <param name="Index">Its place in the list that the job was made with, or among what its filter found, from 0.</param>
    /// <param name="EntityId">The record that was changed, made, or could not be changed; null where a failed item names none.</param>
    /// <param name="ExternalId">Where the target was named by it, or its item gives it.</param>
    /// <param name="Outcome">succeeded or failed.</param>
    /// <param name="Code">Why it failed, a stable word.</param>
    /// <param name="Message">The same for people.</param>
    internal sealed record Item(long Index, Guid? EntityId, string? ExternalId, string Outcome, string? Code, string? Message);

    public static async Task<Page<Item>> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, BulkResults results, CancellationToken cancellationToken)
    {
        await db.RequireBulkJobAsync(caller, request.Id, cancellationToken);
        var list = $"bulk-jobs-results {request.Id} {request.Outcome}";
        var after = Cursor.Read(caller, list, request.Cursor) is { } key ? long.Parse(key[0], CultureInfo.InvariantCulture) : BulkResults.Start;
        var page = await results.ReadAsync(
            caller.AccountId, request.Id, ReadOutcome(request.Outcome), after, request.Limit ?? Paging.DefaultLimit, cancellationToken);
        return new Page<Item>(
            [.. page.Items.Select(ToItem)],
            page.Next is { } next ? Cursor.Write(caller, list, [next.ToString(CultureInfo.InvariantCulture)]) : null);
    }

    /// <summary>Whether the failed ones are asked for, the others, or with null all.</summary>
    public static bool? ReadOutcome(string? outcome) => outcome is null ? null : outcome == "failed";

    private static Item ToItem(TargetResult result) =>
        new(result.Index, result.EntityId, result.ExternalId, Outcomes[result.Code is null ? 0 : 1], result.Code, result.Message);
}
