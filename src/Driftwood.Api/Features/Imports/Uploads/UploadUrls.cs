using Driftwood.Api.Platform.Hosting;
using Driftwood.Storage;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Makes signed URLs absolute, with <c>Driftwood:PublicUrl</c> or else the address of the request.</summary>
internal sealed class UploadUrls(UploadUrlSigner signer, IOptions<DriftwoodOptions> options, IHttpContextAccessor http)
{
    public string Sign(Guid jobId, DateTimeOffset expiresAt, string contentType, long maxBytes)
    {
        var relative = signer.Sign(jobId, expiresAt, contentType, maxBytes);
        if (options.Value.PublicUrl is { } configured) return configured.ToString().TrimEnd('/') + relative;
        var request = http.HttpContext?.Request ?? throw new InvalidOperationException("There is no request to take an address from.");
        return $"{request.Scheme}://{request.Host}{request.PathBase}{relative}";
    }
}
