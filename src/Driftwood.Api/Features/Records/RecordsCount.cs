using Driftwood.Api.Platform;
using Driftwood.Engine.Records;
using FluentValidation;

namespace Driftwood.Api.Features.Records;

internal static class RecordsCount
{
    internal sealed record Request : IOfRecordType
    {
        public required string RecordType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => Include(new RecordTypeRules());
    }

    /// <summary>Of a type's own route: nothing to say yet.</summary>
    internal sealed record TypedRequest;

    internal sealed record Result(long Count);

    public static Task<Result> HandleAsync(
        Request request, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        CountAsync(request.OfType(), caller, records, cancellationToken);

    /// <summary>The handler of the type's own route.</summary>
    public static Delegate Of(RecordType type) =>
        (TypedRequest request, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
            CountAsync(type, caller, records, cancellationToken);

    private static async Task<Result> CountAsync(
        RecordType type, Caller caller, RecordStore records, CancellationToken cancellationToken) =>
        new(await records.CountAsync(type, caller.AccountId, cancellationToken));
}
