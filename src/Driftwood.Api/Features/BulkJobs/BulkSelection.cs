using System.Text.Json;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Filters.Queries;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
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
internal sealed class BulkSelection
{
    private readonly Func<RecordQuery> _records;

    private BulkSelection(Func<RecordQuery> records, long? listed) => (_records, Listed) = (records, listed);

    /// <summary>How many a list names, found or not, repeated ones once; null where only the database knows.</summary>
    public long? Listed { get; }

    /// <summary>What finds them; made when it is asked for, as of a hundred thousand ids it takes ten times their size.</summary>
    public RecordQuery Records => _records();

    /// <summary>Before any transaction is begun.</summary>
    /// <exception cref="ApiException">422 with everything that is wrong with the filter or the query.</exception>
    public static async Task<BulkSelection> ReadAsync(
        IBulkSelection request, RecordType type, RecordTypeCatalog types, Caller caller, CancellationToken cancellationToken) =>
        OfList(request, type) ?? OfFilter(type, await request.ReadAsync(type, types, caller, cancellationToken));

    /// <summary>Inside the request's transaction.</summary>
    /// <exception cref="ApiException">422 with everything that is wrong with the filter or the query.</exception>
    public static async Task<BulkSelection> ReadAsync(
        IBulkSelection request, RecordType type, RecordTypeCatalog types, DriftwoodDb db, Caller caller, CancellationToken cancellationToken) =>
        OfList(request, type) ?? OfFilter(type, await request.ReadAsync(type, types, db, caller, cancellationToken));

    /// <summary>How many targets a job would have; exact. Inside the request's transaction.</summary>
    /// <exception cref="RecordQueryTimeoutException">It took too long.</exception>
    public async Task<long> CountAsync(RecordQueries records, NpgsqlConnection connection, Caller caller, CancellationToken cancellationToken) =>
        Listed ?? await records.CountAsync(connection, Records, caller.AccountId, cancellationToken);

    private static BulkSelection OfFilter(RecordType type, Filter? filter)
    {
        var query = new RecordQuery(type, filter);
        return new BulkSelection(() => query, null);
    }

    private static BulkSelection? OfList(IBulkSelection request, RecordType type)
    {
        if (request.EntityIds is { } ids)
        {
            return new BulkSelection(() => In(type, RecordType.Id, [.. ids.Distinct().Select(id => id.ToString())]), new HashSet<Guid>(ids).Count);
        }

        if (request.ExternalIds is not { } externalIds) return null;
        var named = ExternalIds.Of(type, externalIds).Values;
        return new BulkSelection(() => In(type, type.Find("external_id")!, named), named.Length);
    }

    private static RecordQuery In(RecordType type, Field field, string[] values) => new(type, new Comparison(field, FilterOperator.In, values));
}

/// <summary>A selection as it stands with its job.</summary>
internal sealed record StoredSelection(string EntityType, Guid[]? EntityIds, string[]? ExternalIds, JsonElement? Filter, string? Query) : IBulkSelection;
