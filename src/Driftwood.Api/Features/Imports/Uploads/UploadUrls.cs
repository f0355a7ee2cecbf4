using Driftwood.Api.Platform.Hosting;
using Driftwood.Storage;
using Driftwood.Storage.S3;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>
/// Signs URLs that lead to the bucket, or else to a node: with <c>Driftwood:PublicUrl</c>, or the address of the request.
/// </summary>
internal sealed class UploadUrls(UploadUrlSigner signer, IHttpContextAccessor http, S3UploadStore? bucket = null)
{
    /// <summary>The absolute URL to PUT the file of an import to.</summary>
    public async Task<string> SignAsync(Guid jobId, DateTimeOffset expiresAt, string contentType, long maxBytes)
    {
        if (bucket is not null) return await bucket.SignPutAsync(jobId, contentType, expiresAt);
        var relative = signer.Sign(jobId, expiresAt, contentType, maxBytes);
        var call = http.HttpContext ?? throw new InvalidOperationException("There is no request to take an address from.");
        return PublicAddress.Of(call) + relative;
    }
}
