using System.Text.Json;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform;
using Driftwood.Data;
using Driftwood.Engine.Bulk;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records;
using Npgsql;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A request that says which records a bulk job is about, in one of four ways.</summary>
internal interface IBulkSelection : ISelects
{
    string EntityType { get; }

    Guid[]? EntityIds { get; }

    string[]? ExternalIds { get; }
}

/// <summary>The records of a request, checked against their type: those of two lists, or what a query finds.</summary>
/// <param name="Records">What finds them.</param>
/// <param name="Listed">How many a list names, found or not, repeated ones once; null where only the database knows.</param>
internal sealed record BulkSelection(RecordQuery Records, long? Listed)
{
    /// <summary>Before any transaction is begun.</summary>
    /// <exception cref="ApiException">422 with everything that is wrong with the filter or the query.</exception>
    public static async Task<BulkSelection> ReadAsync(
        IBulkSelection request, RecordType type, RecordTypeCatalog types, Caller caller, CancellationToken cancellationToken) =>
        OfList(request, type) ?? new BulkSelection(new RecordQuery(type, await request.ReadAsync(type, types, caller, cancellationToken)), null);

    /// <summary>Inside the request's transaction.</summary>
    /// <exception cref="ApiException">422 with everything that is wrong with the filter or the query.</exception>
    public static async Task<BulkSelection> ReadAsync(
        IBulkSelection request, RecordType type, RecordTypeCatalog types, DriftwoodDb db, Caller caller, CancellationToken cancellationToken) =>
        OfList(request, type) ?? new BulkSelection(new RecordQuery(type, await request.ReadAsync(type, types, db, caller, cancellationToken)), null);

    /// <summary>How many targets a job would have; exact. Inside the request's transaction.</summary>
    /// <exception cref="RecordQueryTimeoutException">It took too long.</exception>
    public async Task<long> CountAsync(RecordQueries records, NpgsqlConnection connection, Caller caller, CancellationToken cancellationToken) =>
        Listed ?? await records.CountAsync(connection, Records, caller.AccountId, cancellationToken);

    private static BulkSelection? OfList(IBulkSelection request, RecordType type)
    {
        if (request.EntityIds is { } ids) return OfList(type, RecordType.Id, [.. ids.Distinct().Select(id => id.ToString())]);
        return request.ExternalIds is { } externalIds ? OfList(type, type.Find("external_id")!, ExternalIds.Of(type, externalIds).Values) : null;
    }

    private static BulkSelection OfList(RecordType type, Field field, string[] values) =>
        new(new RecordQuery(type, new Comparison(field, FilterOperator.In, values)), values.Length);
}

/// <summary>A selection as it stands with its job.</summary>
internal sealed record StoredSelection(string EntityType, Guid[]? EntityIds, string[]? ExternalIds, JsonElement? Filter, string? Query) : IBulkSelection;
