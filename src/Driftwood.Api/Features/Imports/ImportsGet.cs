using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsGet
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static Task<ImportView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken) =>
        db.ReadImportAsync(caller, request.Id, clock, cancellationToken);
}
