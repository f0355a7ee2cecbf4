using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Records.Store;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Api.Features.Records;

internal static class RecordsDelete
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        public required Guid Id { get; init; }
    }

    internal sealed record Result(Guid Id, bool Deleted);

    public static Task<Result> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
        RecordTypeOfRequest.WriteAsync(
            () => types.OfAsync(db, caller, request, cancellationToken),
            type => DeleteAsync(type, request.Id, caller, records, db, cancellationToken));

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (RecordIdRequest request, Caller caller, RecordTypeCatalog types, RecordStore records, DriftwoodDb db,
            CancellationToken cancellationToken) =>
            RecordTypeOfRequest.WriteAsync(
                () => types.OfAsync(db, caller, type, cancellationToken),
                current => DeleteAsync(current, request.Id, caller, records, db, cancellationToken));

    private static async Task<Result> DeleteAsync(
        RecordType type, Guid id, Caller caller, RecordStore records, DriftwoodDb db, CancellationToken cancellationToken) =>
        await records.DeleteAsync(db.Connection(), type, caller.AccountId, caller.UserId, id, cancellationToken)
            ? new Result(id, Deleted: true)
            : throw RecordFaults.NotFound(type, id);
}
