using Driftwood.Api.Platform;
using Driftwood.Engine.Records;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

internal static class RecordsList
{
    internal sealed record Request : IOfRecordType, IPaged
    {
        public required string RecordType { get; init; }

        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new PagingRules());
    }

    /// <summary>Of a type's own route.</summary>
    internal sealed record TypedRequest : IPaged
    {
        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    internal sealed class TypedValidator : AbstractValidator<TypedRequest>
    {
        public TypedValidator() => Include(new PagingRules());
    }

    public static async Task<Page<StoredRecord>> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
        await ListAsync(await types.OfAsync(caller, request, cancellationToken), request, caller, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
            await ListAsync(await types.OfAsync(caller, type, cancellationToken), request, caller, records, cancellationToken);

    private static async Task<Page<StoredRecord>> ListAsync(
        RecordType type, IPaged request, Caller caller, RecordStore records, CancellationToken cancellationToken)
    {
        // Both routes of a type give out the same list, so their cursors fit each other.
        var list = $"{type.Key}-list";
        var before = Cursor.ReadId(caller, list, request.Cursor);
        var page = await records.ListAsync(type, caller.AccountId, before, request.Limit ?? Paging.DefaultLimit, cancellationToken);
        var next = page.HasMore ? Cursor.Write(caller, list, page.Records[^1].Id.ToString()) : null;
        return new Page<StoredRecord>(page.Records, next);
    }
}
