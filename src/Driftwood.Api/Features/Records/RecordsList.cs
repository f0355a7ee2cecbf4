using System.Text.Json;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

/// <summary>The order of a list.</summary>
internal enum SortDirection
{
    Asc,
    Desc,
}

internal static class RecordsList
{
    /// <summary>The members that both list routes accept.</summary>
    internal interface IListed : IPaged, ISelects
    {
        string? OrderBy { get; }

        SortDirection? Direction { get; }
    }

    internal sealed record Request : IOfRecordType, IListed
    {
        public required string RecordType { get; init; }

        /// <summary>A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as SELECT id FROM contacts WHERE city = 'Oslo'.</summary>
        public string? Query { get; init; }

        /// <summary>The sort field. Records with a blank value come last. Default: the time of creation.</summary>
        public string? OrderBy { get; init; }

        /// <summary>asc or desc. Default asc; without order_by the default is desc, newest first.</summary>
        public SortDirection? Direction { get; init; }

        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    /// <summary>The request of a type's own route.</summary>
    internal sealed record TypedRequest : IListed
    {
        /// <summary>A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as city = 'Oslo' AND NOT (tags HAS 'vip').</summary>
        public string? Query { get; init; }

        /// <summary>The sort field. Records with a blank value come last. Default: the time of creation.</summary>
        public string? OrderBy { get; init; }

        /// <summary>asc or desc. Default asc; without order_by the default is desc, newest first.</summary>
        public SortDirection? Direction { get; init; }

        public string? Cursor { get; init; }

        public int? Limit { get; init; }
    }

    internal sealed class ListRules : AbstractValidator<IListed>
    {
        public ListRules() => Include(new PagingRules());
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new ListRules());
    }

    internal sealed class TypedValidator : AbstractValidator<TypedRequest>
    {
        public TypedValidator() => Include(new ListRules());
    }

    public static async Task<Page<StoredRecord>> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordQueries records, CancellationToken cancellationToken) =>
        await ListAsync(await types.OfAsync(caller, request, cancellationToken), request, caller, types, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordQueries records, CancellationToken cancellationToken) =>
            await ListAsync(await types.OfAsync(caller, type, cancellationToken), request, caller, types, records, cancellationToken);

    private static async Task<Page<StoredRecord>> ListAsync(
        RecordType type, IListed request, Caller caller, RecordTypeCatalog types, RecordQueries records,
            CancellationToken cancellationToken)
    {
        var orderBy = ReadOrder(type, request);
        var query = new RecordQuery(type, await request.ReadAsync(type, types, caller, cancellationToken))
        {
            OrderBy = orderBy,
            Descending = request.Direction is { } direction ? direction == SortDirection.Desc : request.OrderBy is null,
        };
        return await records.ListPageAsync(query, caller, request, cancellationToken);
    }

    private static Field ReadOrder(RecordType type, IListed request)
    {
        if (request.OrderBy is not { } key) return RecordType.Id;
        var accepted = RecordQuery.SortFields(type).ToList();
        return accepted.FirstOrDefault(field => field.Key == key) ?? throw ApiException.Validation(
            "order_by", "unknown_field", $"Found {Found.Describe(key)}, expected a field of {type.Key} other than tags.",
                [.. accepted.Select(field => field.Key)]);
    }
}
