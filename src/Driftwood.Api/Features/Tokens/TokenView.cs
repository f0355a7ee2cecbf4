using System.Linq.Expressions;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Tokens;

/// <summary>A token as callers see it.</summary>
internal sealed record TokenView(
    Guid Id,
    string Name,
    IReadOnlyList<string> Scopes,
    Guid UserId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt)
{
    /// <summary>The view of a stored token, as an expression for queries.</summary>
    public static readonly Expression<Func<Token, TokenView>> FromToken = t =>
        new TokenView(t.Id, t.Name, t.Scopes, t.UserId, t.CreatedAt, t.ExpiresAt, t.LastUsedAt, t.RevokedAt);

    public static readonly TokenView Example = new(
        Guid.Parse("01977c1f-3a90-7cc2-8d7e-5f0a9c1b2d3e"),
        "nightly sync",
        ["read", "write"],
        Guid.Parse("01977c1e-9d41-7a0b-b1f5-0c6d2e8f4a71"),
        new DateTimeOffset(2025, 6, 15, 14, 30, 0, TimeSpan.Zero),
        ExpiresAt: null,
        LastUsedAt: new DateTimeOffset(2025, 6, 16, 2, 0, 5, TimeSpan.Zero),
        RevokedAt: null);
}
