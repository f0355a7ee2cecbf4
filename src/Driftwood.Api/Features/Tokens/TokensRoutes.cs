using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Features.Tokens;

internal static class TokensRoutes
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        var tokens = api.MapGroup("").WithTags("Tokens");

        tokens.MapRpc("me", Me.HandleAsync)
            .WithSummary("Who the token speaks for")
            .WithExample("{}", Me.Example)
            .Reads();

        tokens.MapRpc("tokens-create", TokensCreate.HandleAsync)
            .WithSummary("Make a token")
            .WithDescription(
                """
                The answer is the only place where the token is ever shown. Idempotency-Key is not honoured here.

                A token with the scope `bulk` makes, controls and watches imports, and bulk jobs that do not delete. One with
                `bulk:delete` does so with bulk jobs that delete. `write` covers both, and single records, fields and record types.
                """)
            .WithExample("""{"name": "nightly sync", "scopes": ["read", "write"]}""", TokensCreate.Example)
            .RequireScope(Scopes.Admin)
            .InTransaction();

        tokens.MapRpc("tokens-list", TokensList.HandleAsync)
            .WithSummary("The account's tokens, newest first")
            .WithExample("""{"limit": 50}""", TokensList.Example)
            .Reads(Scopes.Admin);

        tokens.MapRpc("tokens-revoke", TokensRevoke.HandleAsync)
            .WithSummary("Revoke a token")
            .WithDescription("It is refused from this answer on. Revoking it again changes nothing.")
            .WithExample("""{"id": "01977c1f-3a90-7cc2-8d7e-5f0a9c1b2d3e"}""", TokensRevoke.Example)
            .RequireScope(Scopes.Admin)
            .InTransaction();

        api.MapRpc("users-list", UsersList.HandleAsync)
            .WithTags("Users")
            .WithSummary("The account's users, newest first")
            .WithExample("{}", UsersList.Example)
            .Reads(Scopes.Admin);
    }
}
