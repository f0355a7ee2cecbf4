using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesDelete
{
    public static readonly Result Example = new(ProfileView.Example.Id, Deleted: true);

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    internal sealed record Result(Guid Id, bool Deleted);

    public static async Task<Result> HandleAsync(Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken)
    {
        await ProfileRules.LockAsync(db, caller, cancellationToken);
        db.ImportProfiles.Remove(await ProfileRules.FindAsync(db, caller, request.Id, cancellationToken));
        await db.SaveChangesAsync(cancellationToken);
        return new Result(request.Id, Deleted: true);
    }
}
