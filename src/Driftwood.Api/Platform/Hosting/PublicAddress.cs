using Microsoft.Extensions.Options;

namespace Driftwood.Api.Platform.Hosting;

/// <summary>The beginning of the absolute URLs in answers, without a slash at its end.</summary>
internal static class PublicAddress
{
    /// <summary><c>Driftwood:PublicUrl</c>, or else the address that the request came to.</summary>
    public static string Of(HttpContext http)
    {
        var configured = http.RequestServices.GetRequiredService<IOptions<DriftwoodOptions>>().Value.PublicUrl;
        return configured?.ToString().TrimEnd('/') ?? $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}";
    }
}
