using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsPause
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<ImportView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var import = await db.RequireImportAsync(caller, request.Id, cancellationToken);
        await JobControl.PauseAsync(import, clock.GetUtcNow(), cancellationToken);
        return await db.ReadImportAsync(caller, request.Id, clock, cancellationToken);
    }
}
