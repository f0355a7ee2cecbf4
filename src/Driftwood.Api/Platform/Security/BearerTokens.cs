using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Platform.Security;

/// <summary>
/// The secrets that callers prove themselves with: <c>dw_</c> and 256 random bits. The token of a request is looked up after the request
/// has come, so a revoked one is refused everywhere at once.
/// </summary>
internal sealed class BearerTokens
{
    private const string Prefix = "dw_";
    private const int MaxLength = 200;

    /// <summary>How far last_used_at may lag: it is for people, and not worth a write on every request.</summary>
    private static readonly TimeSpan UseGranularity = TimeSpan.FromMinutes(1);

    private readonly ReservedConnections _reserved;
    private readonly CursorKeys _cursorKeys;
    private readonly TimeProvider _clock;

    // Clients that share a token would otherwise fill the few reserved connections, and all others would wait for one.
    private readonly SharedLookups<Caller?> _lookups;

    public BearerTokens(ReservedConnections reserved, CursorKeys cursorKeys, TimeProvider clock)
    {
        (_reserved, _cursorKeys, _clock) = (reserved, cursorKeys, clock);
        _lookups = new SharedLookups<Caller?>(LookAsync);
    }

    public static string NewSecret() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The stored form of a secret: 256 random bits need neither salt nor stretching.</summary>
    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>The caller with this token; null when it is unknown, revoked or expired, or its account is disabled.</summary>
    public async Task<Caller?> FindCallerAsync(string secret, CancellationToken cancellationToken)
    {
        if (!secret.StartsWith(Prefix, StringComparison.Ordinal) || secret.Length > MaxLength)
            return null;
        return await _lookups.FindAsync(secret).WaitAsync(cancellationToken);
    }

    // Callers share the look-up, so none of them can cancel it.
    private async Task<Caller?> LookAsync(string secret)
    {
        var sha256 = Hash(secret);
        await using var db = _reserved.CreateContext();
        var token = await db.Tokens.AsNoTracking()
            .Where(t => t.SecretSha256 == sha256)
            .Select(t => new { t.AccountId, t.UserId, t.Id, t.Scopes, t.ExpiresAt, t.RevokedAt, t.LastUsedAt, t.Account!.DisabledAt })
            .SingleOrDefaultAsync(CancellationToken.None);
        var now = _clock.GetUtcNow();
        if (token is null || token.RevokedAt is not null || token.DisabledAt is not null || token.ExpiresAt <= now)
            return null;
        if (token.LastUsedAt is null || token.LastUsedAt <= now - UseGranularity)
            await TouchAsync(db, token.AccountId, token.Id, now);
        return new Caller(token.AccountId, token.UserId, token.Id, token.Scopes) { ExpiresAt = token.ExpiresAt, CursorKeys = _cursorKeys };
    }

    private static Task<int> TouchAsync(DriftwoodDb db, Guid accountId, Guid id, DateTimeOffset now)
    {
        // Looked at again in the update, so that of many requests at once only one writes.
        var stale = now - UseGranularity;
        return db.Tokens
            .Where(t => t.AccountId == accountId && t.Id == id && (t.LastUsedAt == null || t.LastUsedAt <= stale))
            .ExecuteUpdateAsync(set => set.SetProperty(t => t.LastUsedAt, now), CancellationToken.None);
    }
}
