using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using FluentValidation;

namespace Driftwood.Api.Features.Tokens;

internal static class TokensCreate
{
    public static readonly Result Example = new(
        TokenView.Example.Id,
        "dw_q0Jb3uXn5mVbF2yJ8o1w7tKcR4sLzEaHdG6iPxNvUjY",
        TokenView.Example.Name,
        TokenView.Example.Scopes,
        TokenView.Example.CreatedAt,
        ExpiresAt: null);

    internal sealed record Request
    {
        public required string Name { get; init; }

        /// <summary>
        /// The new token's scopes: read, write, bulk, bulk:delete, admin. write covers bulk and bulk:delete. Default: the scopes of the
        /// requesting token. No token makes one that may do more.
        /// </summary>
        public string[]? Scopes { get; init; }

        /// <summary>
        /// When the token expires. Default: when the requesting token does, or never if that never does. No token makes one that outlives
        /// it.
        /// </summary>
        public DateTimeOffset? ExpiresAt { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator(TimeProvider clock)
        {
            RuleFor(r => r.Name).NotEmpty().MaximumLength(200);
            RuleFor(r => r.Scopes).Must(scopes => scopes is not { Length: 0 })
                .WithErrorCode("required").WithMessage("Found no scope, expected one at least.");
            RuleForEach(r => r.Scopes).OneOf(Scopes.All);
            RuleFor(r => r.ExpiresAt).Must(time => time is null || time > clock.GetUtcNow())
                .WithErrorCode("out_of_range").WithMessage("Found a time that has passed, expected one to come.");
        }
    }

    /// <param name="Token">The secret. It is shown only here.</param>
    internal sealed record Result(
        Guid Id,
        string Token,
        string Name,
        IReadOnlyList<string> Scopes,
        DateTimeOffset CreatedAt,
        DateTimeOffset? ExpiresAt);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, AccountAdministration accounts, CancellationToken cancellationToken)
    {
        var scopes = request.Scopes ?? caller.Scopes;
        if (scopes.FirstOrDefault(scope => !caller.Has(scope)) is { } excess)
            throw ApiException.Forbidden($"A token cannot give the scope {excess}, which it does not have itself.");
        if (request.ExpiresAt > caller.ExpiresAt)
        {
            throw ApiException.Validation(
                "expires_at", "out_of_range",
                $"Found a time after {caller.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}, when the requesting token expires; expected no later one.");
        }

        var (token, secret) = await accounts.CreateTokenAsync(
            caller.AccountId, caller.UserId, request.Name, scopes, request.ExpiresAt ?? caller.ExpiresAt, cancellationToken);
        return new Result(token.Id, secret, token.Name, token.Scopes, token.CreatedAt, token.ExpiresAt);
    }
}
