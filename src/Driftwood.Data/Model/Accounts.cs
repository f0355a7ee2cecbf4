namespace Driftwood.Data.Model;

/// <summary>A tenant. It owns users, tokens, records and jobs; nothing is shared between accounts.</summary>
public sealed class Account
{
    public Guid Id { get; init; }
    public required string Name { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
    /// <summary>If set, the account's tokens are refused and its jobs stop at the next chunk.</summary>
    public DateTimeOffset? DisabledAt { get; set; }
    /// <summary>The country of phone numbers without a country code, as in ISO 3166; null if there is none.</summary>
    public string? PhoneCountry { get; set; }
}

/// <summary>A person of an account. <c>created_by</c> and <c>updated_by</c> name the person.</summary>
public sealed class User
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public required string Name { get; set; }
    public required string Email { get; set; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A bearer token. Only the SHA-256 of its secret is stored.</summary>
public sealed class Token
{
    public Guid AccountId { get; init; }
    public Guid Id { get; init; }
    public Guid UserId { get; init; }
    public required string Name { get; set; }
    public required string[] Scopes { get; init; }
    /// <summary>32 bytes.</summary>
    public required byte[] SecretSha256 { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public User? User { get; init; }
    public Account? Account { get; init; }
}

/// <summary>The stored answer to a create that carried an <c>Idempotency-Key</c>.</summary>
public sealed class IdempotencyKey
{
    public Guid AccountId { get; init; }
    public required string Key { get; init; }
    public required string Route { get; init; }
    /// <summary>32 bytes: SHA-256 of the request's body.</summary>
    public required byte[] RequestSha256 { get; init; }
    /// <summary>The body of the answer as it was sent, UTF-8 JSON.</summary>
    public required byte[] Response { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A change that a request made. Entries are added with their change and never changed.</summary>
public sealed class AuditEntry
{
    public Guid AccountId { get; init; }
    /// <summary>Ids have the order of time.</summary>
    public Guid Id { get; init; }
    public DateTimeOffset At { get; init; }
    public Guid UserId { get; init; }
    public Guid? TokenId { get; init; }
    public required string Route { get; init; }
    /// <summary>What was made or changed: an id, or the key of a record type; null where there is none.</summary>
    public string? SubjectId { get; init; }
    public required string RequestId { get; init; }
    public string? ClientAddress { get; init; }
}
