using Driftwood.Api.Platform.Hosting;
using Driftwood.Storage;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>Makes signed URLs absolute, with <c>Driftwood:PublicUrl</c> or else the address of the request.</summary>
internal sealed class UploadUrls(UploadUrlSigner signer, IHttpContextAccessor http)
{
    public string Sign(Guid jobId, DateTimeOffset expiresAt, string contentType, long maxBytes)
    {
        var relative = signer.Sign(jobId, expiresAt, contentType, maxBytes);
        var call = http.HttpContext ?? throw new InvalidOperationException("There is no request to take an address from.");
        return PublicAddress.Of(call) + relative;
    }
}
