using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Tokens;

internal static class TokensRevoke
{
    public static readonly TokenView Example = TokenView.Example with
    {
        RevokedAt = new DateTimeOffset(2025, 6, 17, 9, 15, 0, TimeSpan.Zero),
    };

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    public static async Task<TokenView> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, TimeProvider clock, CancellationToken cancellationToken)
    {
        var token = db.Tokens.Where(t => t.AccountId == caller.AccountId && t.Id == request.Id);
        var now = clock.GetUtcNow();
        await token.Where(t => t.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.RevokedAt, now), cancellationToken);
        return await token.Select(TokenView.FromToken).SingleOrDefaultAsync(cancellationToken)
            ?? throw ApiException.NotFound("token", request.Id);
    }
}
