using Driftwood.Data;
using Driftwood.Data.Model;

namespace Driftwood.Api.Platform.Security;

/// <summary>Makes accounts, users and tokens: for the command line and for tokens-create.</summary>
internal sealed class AccountAdministration(DriftwoodDb db, TimeProvider clock)
{
    /// <summary>An account and its first user, saved.</summary>
    public async Task<(Account Account, User User)> CreateAccountAsync(
        string name, string userName, string email, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var account = new Account { Id = Guid.CreateVersion7(now), Name = name, CreatedAt = now };
        db.Accounts.Add(account);
        var user = await CreateUserAsync(account.Id, userName, email, cancellationToken);
        return (account, user);
    }

    /// <summary>A further user of an account, saved.</summary>
    public async Task<User> CreateUserAsync(
        Guid accountId, string name, string email, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var user = new User
        {
            AccountId = accountId,
            Id = Guid.CreateVersion7(now),
            Name = name,
            Email = email,
            CreatedAt = now,
        };
        db.Users.Add(user);
        await db.SaveChangesAsync(cancellationToken);
        return user;
    }

    /// <summary>A token, saved, and its secret, which is not kept anywhere.</summary>
    /// <param name="scopes">Values of <see cref="Scopes"/>; null for those that cover all.</param>
    /// <param name="expiresAt">Null: never.</param>
    public async Task<(Token Token, string Secret)> CreateTokenAsync(
        Guid accountId,
        Guid userId,
        string name,
        IEnumerable<string>? scopes,
        DateTimeOffset? expiresAt,
        CancellationToken cancellationToken)
    {
        var secret = BearerTokens.NewSecret();
        var now = clock.GetUtcNow();
        var token = new Token
        {
            AccountId = accountId,
            Id = Guid.CreateVersion7(now),
            UserId = userId,
            Name = name,
            Scopes = [.. (scopes ?? Scopes.Full).Distinct()],
            SecretSha256 = BearerTokens.Hash(secret),
            CreatedAt = now,
            ExpiresAt = expiresAt,
        };
        db.Tokens.Add(token);
        await db.SaveChangesAsync(cancellationToken);
        return (token, secret);
    }
}
