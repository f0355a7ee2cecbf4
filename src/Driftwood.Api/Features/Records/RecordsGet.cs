using Driftwood.Api.Platform;
using Driftwood.Engine.Records;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

internal static class RecordsGet
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }

        public required Guid Id { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new RecordTypeRules());
    }

    public static Task<StoredRecord> HandleAsync(
        Request request, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        GetAsync(request.OfType(), request.Id, caller, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (RecordIdRequest request, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
            GetAsync(type, request.Id, caller, records, cancellationToken);

    private static async Task<StoredRecord> GetAsync(
        RecordType type, Guid id, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        await records.GetAsync(type, caller.AccountId, id, cancellationToken) ?? throw RecordFaults.NotFound(type, id);
}
