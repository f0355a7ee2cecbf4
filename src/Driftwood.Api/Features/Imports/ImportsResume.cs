using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Engine.Lanes;

namespace Driftwood.Api.Features.Imports;

internal static class ImportsResume
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<ImportView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, ILaneQueue queue, AfterCommit afterCommit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var import = await db.RequireImportAsync(caller, request.Id, cancellationToken);
        var lanes = await JobControl.ResumeAsync(db, import, clock.GetUtcNow(), cancellationToken);
        afterCommit.Add(token => queue.WakeAsync(lanes, token));
        return await db.ReadImportAsync(caller, request.Id, clock, cancellationToken);
    }
}
