using System.Net.Http.Headers;

namespace Driftwood.Api.Platform;

/// <summary>Sets the <see cref="Caller"/> of every endpoint that has a <see cref="RequiredScope"/>, or refuses.</summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequiredScope>() is { } required)
        {
            var tokens = http.RequestServices.GetRequiredService<BearerTokens>();
            var caller = await tokens.FindCallerAsync(SecretOf(http.Request), http.RequestAborted)
                ?? throw Unauthenticated("The token is unknown, expired or revoked, or its account is disabled.");
            http.Features.Set(caller);
            if (!caller.Scopes.Contains(required.Scope))
            {
                var held = string.Join(", ", caller.Scopes);
                throw ApiException.Forbidden($"This needs a token with the scope {required.Scope}; this one has: {held}.");
            }
        }

        await next(http);
    }

    private static string SecretOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (AuthenticationHeaderValue.TryParse(header, out var value)
            && value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            && !string.IsNullOrEmpty(value.Parameter))
            return value.Parameter;
        throw Unauthenticated("Expected the header Authorization: Bearer <token>.");
    }

    private static ApiException Unauthenticated(string message) => new(401, "unauthenticated", message);
}
