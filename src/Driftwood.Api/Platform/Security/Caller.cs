using Driftwood.Api.Platform.Errors;

namespace Driftwood.Api.Platform.Security;

/// <summary>The account, user and token of a request; a handler takes it as a parameter.</summary>
internal sealed record Caller(Guid AccountId, Guid UserId, Guid TokenId, IReadOnlyList<string> Scopes)
{
    /// <summary>When the token expires; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The keys that sign the cursors of the caller's lists.</summary>
    public CursorKeys CursorKeys { get; init; } = new([]);

    /// <summary>Whether the token may do what a scope stands for, by that scope or by one that covers it.</summary>
    public bool Has(string scope) =>
        Scopes.Contains(scope) || (Security.Scopes.CoveredByWrite.Contains(scope) && Scopes.Contains(Security.Scopes.Write));

    /// <exception cref="ApiException">403: the token has none of these scopes.</exception>
    public void RequireAny(params ReadOnlySpan<string> scopes)
    {
        foreach (var scope in scopes)
        {
            if (Scopes.Contains(scope)) return;
        }

        throw ApiException.Forbidden(
            $"This needs a token with the scope {Security.Scopes.Join(scopes)}; this one has: {string.Join(", ", Scopes)}.");
    }

    /// <summary>The caller of a request that passed authentication.</summary>
    public static Caller Of(HttpContext http) =>
        http.Features.Get<Caller>()
        ?? throw new InvalidOperationException("The route does not authenticate; map it with MapRpc or RequireScope.");
}

/// <summary>
/// The rights of a token. Write covers bulk and bulk:delete; beyond that each is checked by itself, and none implies another.
/// </summary>
internal static class Scopes
{
    public const string Read = "read";
    public const string Write = "write";

    /// <summary>Imports, and bulk jobs that do not delete: to make, control and watch them.</summary>
    public const string Bulk = "bulk";

    /// <summary>Bulk jobs that delete: to make, control and watch them.</summary>
    public const string BulkDelete = "bulk:delete";

    /// <summary>Tokens, users and the audit list of the account.</summary>
    public const string Admin = "admin";

    public static readonly string[] All = [Read, Write, Bulk, BulkDelete, Admin];

    /// <summary>The scopes that together cover all.</summary>
    public static readonly string[] Full = [Read, Write, Admin];

    public static readonly string[] CoveredByWrite = [Bulk, BulkDelete];

    /// <summary>Such as <c>bulk, bulk:delete or write</c>.</summary>
    public static string Join(ReadOnlySpan<string> scopes) =>
        scopes.Length < 2 ? string.Join("", scopes) : $"{string.Join(", ", scopes[..^1])} or {scopes[^1]}";
}

/// <summary>Endpoint metadata: a token needs one of these scopes; its presence makes a route authenticate.</summary>
internal sealed record RequiredScope(params string[] AnyOf)
{
    /// <summary>The narrowest of them.</summary>
    public string Scope => AnyOf[0];
}

/// <summary>Endpoint metadata: the one account whose tokens are let in.</summary>
internal sealed record RequiredAccount(Guid AccountId);

/// <summary>Endpoint metadata: for people at a browser, which can send a token only as the password of HTTP Basic.</summary>
internal sealed record BrowserSignIn
{
    public const string Challenge = "Basic realm=\"Driftwood: any name, and a token as the password\", charset=\"UTF-8\"";
}
