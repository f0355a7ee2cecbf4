using System.Net.Http.Headers;
using System.Text;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Services;

namespace Driftwood.Api.Platform.Security;

/// <summary>Sets the <see cref="Caller"/> of every endpoint that has a <see cref="RequiredScope"/>, or refuses.</summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next, BearerTokens tokens)
{
    /// <summary>Bytes of a name and a token; longer ones are not looked at.</summary>
    private const int MaxCredentials = 512;

    public async Task InvokeAsync(HttpContext http)
    {
        var metadata = http.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<RequiredScope>() is { } required)
        {
            var dialect = metadata.GetMetadata<ServiceDialect>();
            var secret = dialect?.SecretOf(http.Request) ?? SecretOf(http.Request, metadata.GetMetadata<BrowserSignIn>() is not null);
            var caller = await tokens.FindCallerAsync(secret, http.RequestAborted)
                ?? throw Unauthenticated("The token is unknown, expired or revoked, or its account is disabled.");
            http.Features.Set(caller);
            if (dialect?.IsOnFor(caller.AccountId) == false) throw new ApiException(ErrorCodes.NotFound, "There is no such route.");
            caller.RequireAny(required.AnyOf);
            if (metadata.GetMetadata<RequiredAccount>() is { } only && only.AccountId != caller.AccountId)
                throw ApiException.Forbidden("This needs a token of another account.");
        }

        await next(http);
    }

    private static string SecretOf(HttpRequest request, bool mayBeBasic)
    {
        var header = request.Headers.Authorization.ToString();
        if (AuthenticationHeaderValue.TryParse(header, out var value) && !string.IsNullOrEmpty(value.Parameter))
        {
            if (value.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)) return value.Parameter;
            if (mayBeBasic && value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return PasswordOf(value.Parameter);
        }

        throw Unauthenticated("Expected the header Authorization: Bearer <token>.");
    }

    /// <summary>The password of <c>name:password</c> in base 64; empty, which no token is, when the text has another form.</summary>
    private static string PasswordOf(string credentials)
    {
        Span<byte> bytes = stackalloc byte[MaxCredentials];
        if (!Convert.TryFromBase64String(credentials, bytes, out var length)) return "";
        var text = Encoding.UTF8.GetString(bytes[..length]);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    private static ApiException Unauthenticated(string message) => new(ErrorCodes.Unauthenticated, message);
}
