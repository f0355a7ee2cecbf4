using System.Text.Json;
using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

internal static class RecordsCount
{
    /// <summary>The members that both count routes accept.</summary>
    internal interface ICounted : ISelects
    {
        bool Estimate { get; }
    }

    internal sealed record Request : IOfRecordType, ICounted
    {
        public required string RecordType { get; init; }

        /// <summary>A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as SELECT id FROM contacts WHERE city = 'Oslo'.</summary>
        public string? Query { get; init; }

        /// <summary>True: an approximate number from the database's statistics, at once. Default false: the exact number.</summary>
        public bool Estimate { get; init; }
    }

    /// <summary>The request of a type's own route.</summary>
    internal sealed record TypedRequest : ICounted
    {
        /// <summary>A tree of conditions; see docs/filters.md.</summary>
        public JsonElement? Filter { get; init; }

        /// <summary>A filter as text, such as city = 'Oslo' AND NOT (tags HAS 'vip').</summary>
        public string? Query { get; init; }

        /// <summary>True: an approximate number from the database's statistics, at once. Default false: the exact number.</summary>
        public bool Estimate { get; init; }
    }

    /// <param name="Count">The number of records.</param>
    /// <param name="Exact">False for an estimate.</param>
    internal sealed record Result(long Count, bool Exact);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordQueries records, CancellationToken cancellationToken) =>
        await CountAsync(await types.OfAsync(caller, request, cancellationToken), request, caller, types, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordQueries records, CancellationToken cancellationToken) =>
            await CountAsync(await types.OfAsync(caller, type, cancellationToken), request, caller, types, records, cancellationToken);

    private static async Task<Result> CountAsync(
        RecordType type, ICounted request, Caller caller, RecordTypeCatalog types, RecordQueries records,
            CancellationToken cancellationToken)
    {
        var query = new RecordQuery(type, await request.ReadAsync(type, types, caller, cancellationToken));
        return request.Estimate
            ? new Result(await records.EstimateAsync(query, caller.AccountId, cancellationToken), Exact: false)
            : new Result(await records.CountAsync(query, caller.AccountId, cancellationToken), Exact: true);
    }
}
