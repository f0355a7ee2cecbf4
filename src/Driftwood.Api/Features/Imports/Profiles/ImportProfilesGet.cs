using Driftwood.Api.Platform.Security;
using Driftwood.Data;

namespace Driftwood.Api.Features.Imports.Profiles;

internal static class ImportProfilesGet
{
    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<ProfileView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, CancellationToken cancellationToken) =>
        ProfileView.Of(await ProfileRules.FindAsync(db, caller, request.Id, cancellationToken));
}
