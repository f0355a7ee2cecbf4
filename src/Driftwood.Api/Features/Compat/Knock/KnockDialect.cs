using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Features.Compat.Knock;

/// <summary>How Knock's clients authenticate, and the errors that they read.</summary>
/// <param name="accounts">The accounts that may use the routes.</param>
internal sealed class KnockDialect(CompatAccounts accounts) : ServiceDialect
{
    private const int MaxRetryAfter = 5;
    private static readonly ErrorCode NoKey = ErrorCodes.Unauthenticated with { Name = "authentication_required" };

    public override string SecretOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0) throw new ApiException(NoKey, "There is no Authorization header: expected Bearer and a Driftwood token.");
        return AuthenticationHeaderValue.TryParse(header, out var value)
            && "Bearer".Equals(value.Scheme, StringComparison.OrdinalIgnoreCase) && value.Parameter is { } secret
            ? secret
            : throw new ApiException(ErrorCodes.Unauthenticated, "The Authorization header is not Bearer and a Driftwood token.");
    }

    public override bool IsOnFor(Guid account) => accounts.Include(account);

    public override ServiceAnswer RefusalOf(ApiException failure, HttpContext http)
    {
        SetHeaders(failure, http.Response.Headers);
        var isValidation = failure is { Status: 422, Details.Count: > 0 };
        var (code, type) = Classify(failure);
        var body = new JsonObject
        {
            ["code"] = isValidation ? "invalid_params" : code,
            ["message"] = isValidation ? "One or more parameters supplied were invalid" : failure.Message,
            ["status"] = failure.Status,
            ["type"] = type,
        };
        if (isValidation)
        {
            body["errors"] = new JsonArray([.. failure.Details.Select(fault =>
                new JsonObject { ["field"] = fault.Path, ["message"] = fault.Message, ["type"] = fault.Code })]);
        }

        return new ServiceAnswer(failure.Status, body);
    }

    private static void SetHeaders(ApiException failure, IHeaderDictionary headers)
    {
        var wait = failure.Status == 429 ? 1 : Math.Clamp((failure.RetryAfter ?? TimeSpan.Zero).TotalSeconds, 1, MaxRetryAfter);
        if (failure.Status is 429 or 503) headers.RetryAfter = Math.Ceiling(wait).ToString(CultureInfo.InvariantCulture);
        if (failure.Status == 401) headers.WWWAuthenticate = "Bearer";
        // The client repeats every 409, but only that of a request which is still running goes away by itself.
        if (failure.Status == 409 && failure.Code != ErrorCodes.RequestInProgress) headers["x-should-retry"] = "false";
    }

    private static (string Code, string Type) Classify(ApiException failure) => failure.Status switch
    {
        401 => (failure.Code == NoKey ? NoKey.Name : "api_key_missing", "authentication_error"),
        403 => ("authorization", "authentication_error"),
        404 => ("resource_missing", "invalid_request_error"),
        429 => (failure.Code.Name, "rate_limit_error"),
        503 => ("unavailable", "api_error"),
        >= 500 => (failure.Code.Name, "api_error"),
        _ when failure.Code == ErrorCodes.IdempotencyMismatch || failure.Code == ErrorCodes.RequestInProgress =>
            (failure.Code.Name, "idempotency_error"),
        _ => (failure.Code.Name, "invalid_request_error"),
    };
}
