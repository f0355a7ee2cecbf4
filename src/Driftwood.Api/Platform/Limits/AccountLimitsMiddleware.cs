using Driftwood.Api.Platform.Security;

namespace Driftwood.Api.Platform.Limits;

/// <summary>Holds the requests of a known account to its limits. It stands behind authentication.</summary>
internal sealed class AccountLimitsMiddleware(RequestDelegate next, AccountLimits limits)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.Features.Get<Caller>() is null)
        {
            await next(http);
            return;
        }

        limits.Count(http);
        if (http.GetEndpoint()?.Metadata.GetMetadata<OwnTurn>() is not null)
        {
            await next(http);
            return;
        }

        using var turn = await limits.EnterAsync(http);
        await next(http);
    }
}
