using Driftwood.Api.Platform.Security;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

internal static class RecordsGet
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        public required Guid Id { get; init; }
    }

    public static async Task<StoredRecord> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
        await GetAsync(await types.OfAsync(caller, request, cancellationToken), request.Id, caller, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (RecordIdRequest request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
            await GetAsync(await types.OfAsync(caller, type, cancellationToken), request.Id, caller, records, cancellationToken);

    private static async Task<StoredRecord> GetAsync(
        RecordType type, Guid id, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        await records.GetAsync(type, caller.AccountId, id, cancellationToken) ?? throw RecordFaults.NotFound(type, id);
}
