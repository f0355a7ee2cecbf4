using System.Text.Json;
using Driftwood.Api.Features.Records;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Filters;
using Driftwood.Engine.Records.Queries;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Api.Features.BulkJobs;

/// <summary>A request that selects the records of a bulk job in one of four ways.</summary>
internal interface IBulkSelection : ISelects
{
    string EntityType { get; }

    Guid[]? EntityIds { get; }

    string[]? ExternalIds { get; }
}

/// <summary>A selection as it is stored with its job.</summary>
internal sealed record StoredSelection(
    string EntityType, Guid[]? EntityIds, string[]? ExternalIds, JsonElement? Filter, string? Query) : IBulkSelection;

/// <summary>Reads a request's selection, checks it against its record type, and counts the records.</summary>
internal sealed class BulkSelections(RecordTypeCatalog types, RecordQueries records, NpgsqlDataSource database, DriftwoodDb db)
{
    private const int SampleSize = 10;

    /// <summary>The number of targets that a job would have, and the newest of the found records. Runs outside a transaction.</summary>
    /// <exception cref="ApiException">422 with all faults of the selection.</exception>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<BulkJobsCount.Result> CountAsync(IBulkSelection request, Caller caller, CancellationToken cancellationToken)
    {
        var type = await types.RequireAsync(caller, request.EntityType, "entity_type", cancellationToken);
        var targets = ListedIn(request, type) ?? FoundBy(type, await request.ReadAsync(type, types, caller, cancellationToken));
        var found = targets.Records;
        var count = targets.Listed ?? await records.CountAsync(found, caller.AccountId, cancellationToken);
        var sample = await records.ListAsync(found, caller.AccountId, null, SampleSize, cancellationToken);
        return new BulkJobsCount.Result(count, sample.Records);
    }

    /// <summary>The type of a request's records. It runs in the request's transaction, like the methods below.</summary>
    /// <exception cref="ApiException">422 with the existing types.</exception>
    public Task<RecordType> RequireTypeAsync(IBulkSelection request, Caller caller, CancellationToken cancellationToken) =>
        types.RequireAsync(db, caller, request.EntityType, "entity_type", cancellationToken);

    /// <summary>The type of a job's records, which may have been deleted since.</summary>
    /// <exception cref="ApiException">409.</exception>
    public Task<RecordType> RequireStillAsync(StoredSelection selection, Caller caller, CancellationToken cancellationToken) =>
        types.RequireStillAsync(db, caller, selection.EntityType, cancellationToken);

    /// <summary>The same; null if the type was deleted.</summary>
    public Task<RecordType?> FindTypeAsync(StoredSelection selection, Caller caller, CancellationToken cancellationToken) =>
        types.FindAsync(db.Connection(), caller.AccountId, selection.EntityType, cancellationToken);

    /// <summary>The targets that a request selects.</summary>
    /// <exception cref="ApiException">422 with all faults of the selection.</exception>
    public async Task<IRecordTargets> ReadAsync(
        IBulkSelection request, RecordType type, Caller caller, CancellationToken cancellationToken) =>
        ListedIn(request, type) ?? FoundBy(type, await request.ReadAsync(type, types, db, caller, cancellationToken));

    /// <summary>The exact number of a job's targets.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<long> CountAsync(IRecordTargets targets, Caller caller, CancellationToken cancellationToken) =>
        targets.Listed ?? await records.CountAsync(db.Connection(), targets.Records, caller.AccountId, cancellationToken);

    /// <summary>The number of targets, at most <paramref name="limit"/>.</summary>
    /// <exception cref="RecordQueryTimeoutException">The query took too long.</exception>
    public async Task<long> CountUpToAsync(IRecordTargets targets, long limit, Caller caller, CancellationToken cancellationToken) =>
        await records.CountUpToAsync(db.Connection(), targets.Records, caller.AccountId, limit, cancellationToken);

    private QueryTargets FoundBy(RecordType type, Filter? filter) => new(new RecordQuery(type, filter), database);

    private static IRecordTargets? ListedIn(IBulkSelection request, RecordType type) => request switch
    {
        { EntityIds: { } ids } => new IdTargets(type, ids),
        { ExternalIds: { } ids } => new ExternalIdTargets(type, ids),
        _ => null,
    };
}
