using System.Text.Json;
using Driftwood.Api.Features.BulkJobs.Views;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Bulk.Operations;
using FluentValidation;

namespace Driftwood.Api.Features.BulkJobs;

internal static class BulkJobsCreate
{
    internal sealed record Request : IBulkSelection, IHasItems
    {
        /// <summary>The record type of the targets.</summary>
        public required string EntityType { get; init; }

        /// <summary>delete, update or tag. With items: update, create or upsert.</summary>
        public required OperationName Operation { get; init; }

        /// <summary>The targets, 1 to 100,000 ids; repeated ids count once. Or use external_ids, filter or query.</summary>
        public Guid[]? EntityIds { get; init; }

        /// <summary>
        /// The targets by external ID, 1 to 100,000. IDs that are equal when normalised count once. IDs that are not found fail.
        /// </summary>
        public string[]? ExternalIds { get; init; }

        /// <summary>A tree of conditions; see docs/filters.md. The targets are all records that match when the job starts.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as SELECT id FROM contacts WHERE city = 'Oslo'.</summary>
        public string? Query { get; init; }

        /// <summary>
        /// Used instead of targets: 1 to 10,000 objects of fields that are applied one after the other. update: {id or external_id, …},
        /// create: {…}, upsert: {…}. Absent fields stay unchanged; null clears a field. A bad item fails alone; see bulk-jobs-results.
        /// </summary>
        [MaxCount(BulkItemRules.MaxItems)]
        public Dictionary<string, JsonElement>[]? Items { get; init; }

        /// <summary>
        /// delete: none. update: {"fields": {…}}. tag: {"add": […], "remove": […]} or {"set": […]}, and "field" for a custom field of tags
        /// in place of the record's own. upsert: {"match_on": a match field}; the default is the type's first match field.
        /// </summary>
        public JsonElement? Params { get; init; }

        /// <summary>False: the job stays pending until bulk-jobs-start. Default true.</summary>
        public bool Start { get; init; } = true;

        /// <summary>
        /// The required number of targets, now and when the job starts. With any other number, the job changes nothing. It must be given
        /// to delete more than 1,000 records that a filter or query finds, and for every operation on all records of a type.
        /// </summary>
        public long? ExpectedCount { get; init; }

        /// <summary>
        /// False: the change log does not keep what records held before, and the job cannot be undone. Default true.
        /// </summary>
        public bool KeepChanges { get; init; } = true;

        /// <summary>A name for people.</summary>
        public string? Name { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            Include(new BulkSelectionRules());
            Include(new BulkItemRules());
            RuleFor(r => r.ExpectedCount).GreaterThanOrEqualTo(0);
            RuleFor(r => r.Name).Length(1, 200).Must(name => name?.Contains('\0') != true)
                .WithErrorCode("invalid_characters").WithMessage("Holds a NUL.");
        }
    }

    public static async Task<BulkJobView> HandleAsync(
        Request request, Caller caller, BulkJobCreator creator, BulkJobReader jobs, CancellationToken cancellationToken)
    {
        var id = await creator.CreateAsync(request, caller, cancellationToken);
        var job = await jobs.ReadWithoutIdsAsync(caller, id, cancellationToken);
        return job with { EntityIds = request.EntityIds, ExternalIds = request.ExternalIds };
    }
}
