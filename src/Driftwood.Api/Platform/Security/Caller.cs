namespace Driftwood.Api.Platform.Security;

/// <summary>The account, user and token of a request; a handler takes it as a parameter.</summary>
internal sealed record Caller(Guid AccountId, Guid UserId, Guid TokenId, IReadOnlyList<string> Scopes)
{
    /// <summary>When the token expires; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The caller of a request that passed authentication.</summary>
    public static Caller Of(HttpContext http) =>
        http.Features.Get<Caller>()
        ?? throw new InvalidOperationException("The route does not authenticate; map it with MapRpc or RequireScope.");
}

/// <summary>The rights of a token. Each is checked by itself; none implies another.</summary>
internal static class Scopes
{
    public const string Read = "read";
    public const string Write = "write";

    /// <summary>Tokens and users of the account.</summary>
    public const string Admin = "admin";

    public static readonly string[] All = [Read, Write, Admin];
}

/// <summary>Endpoint metadata: the scope a token needs; its presence makes a route authenticate.</summary>
internal sealed record RequiredScope(string Scope);

/// <summary>Endpoint metadata: the one account whose tokens are let in.</summary>
internal sealed record RequiredAccount(Guid AccountId);

/// <summary>Endpoint metadata: for people at a browser, which can send a token only as the password of HTTP Basic.</summary>
internal sealed record BrowserSignIn
{
    public const string Challenge = "Basic realm=\"Driftwood: any name, and a token as the password\", charset=\"UTF-8\"";
}
