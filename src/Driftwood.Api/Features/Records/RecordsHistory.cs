using System.Globalization;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Changes;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

internal static class RecordsHistory
{
    public static readonly Page<RecordChange> Example = new(
        [
            new(
                new DateTimeOffset(2025, 6, 15, 14, 30, 2, TimeSpan.Zero), ChangeEffect.Updated,
                Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"), "Jane Smith", Guid.Parse("01977c24-aa0e-7840-8e29-b41d4a716446"), 17,
                [new FieldChange("city", null, System.Text.Json.JsonElement.Parse("\"Oslo\""))]),
        ],
        null);

    internal sealed record Request : IOfRecordType, IPaged
    {
        public required string RecordType { get; init; }

        /// <summary>The record. It may be deleted.</summary>
        public required Guid Id { get; init; }
        public string? Cursor { get; init; }
        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    public static async Task<Page<RecordChange>> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordHistory history, RecordStore records,
        CancellationToken cancellationToken)
    {
        var type = await types.OfAsync(caller, request, cancellationToken);
        var list = $"records-history {request.RecordType} {request.Id}";
        // A page continues at the exact time, of which answers show the milliseconds.
        DateTimeOffset? before =
            Cursor.ReadNumber(caller, list, request.Cursor) is { } ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        var changes = await history.ReadAsync(type, caller.AccountId, request.Id, before, request.FetchCount(), cancellationToken);
        if (changes.Count == 0 && await records.GetAsync(type, caller.AccountId, request.Id, cancellationToken) is null)
        {
            throw RecordFaults.NotFound(type, request.Id);
        }

        return changes.ToPage(
            request, last => Cursor.Write(caller, list, last.At.UtcTicks.ToString(CultureInfo.InvariantCulture)));
    }
}
