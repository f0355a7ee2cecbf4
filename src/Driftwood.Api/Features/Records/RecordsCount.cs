using Driftwood.Api.Platform;
using Driftwood.Engine.Records;

namespace Driftwood.Api.Features.Records;

internal static class RecordsCount
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }
    }

    /// <summary>Of a type's own route: nothing to say yet.</summary>
    internal sealed record TypedRequest;

    internal sealed record Result(long Count);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
        await CountAsync(await types.OfAsync(caller, request, cancellationToken), caller, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        async (TypedRequest request, Caller caller, RecordTypeCatalog types, RecordStore records, CancellationToken cancellationToken) =>
            await CountAsync(await types.OfAsync(caller, type, cancellationToken), caller, records, cancellationToken);

    private static async Task<Result> CountAsync(
        RecordType type, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        new(await records.CountAsync(type, caller.AccountId, cancellationToken));
}
