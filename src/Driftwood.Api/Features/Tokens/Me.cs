using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Tokens;

internal static class Me
{
    public static readonly Result Example = new(
        new AccountPart(Guid.Parse("01977c1e-9d40-7f1a-9e27-4b5d6c7e8f90"), "Fjord Coffee"),
        new UserPart(Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"), "Ingrid Berg", "ingrid@fjord.example"),
        new TokenPart(Guid.Parse("01977c1f-3a90-7cc2-8d7e-5f0a9c1b2d3e"), "nightly sync", ["read", "write"]));

    internal sealed record Result(AccountPart Account, UserPart User, TokenPart Token);

    internal sealed record AccountPart(Guid Id, string Name);

    internal sealed record UserPart(Guid Id, string Name, string Email);

    internal sealed record TokenPart(Guid Id, string Name, IReadOnlyList<string> Scopes);

    public static Task<Result> HandleAsync(Caller caller, DriftwoodDb db, CancellationToken cancellationToken) =>
        db.Tokens.AsNoTracking()
            .Where(t => t.AccountId == caller.AccountId && t.Id == caller.TokenId)
            .Select(t => new Result(
                new AccountPart(t.Account!.Id, t.Account.Name),
                new UserPart(t.User!.Id, t.User.Name, t.User.Email),
                new TokenPart(t.Id, t.Name, t.Scopes)))
            .SingleAsync(cancellationToken);
}
