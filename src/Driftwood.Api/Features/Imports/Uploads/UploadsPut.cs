using System.Net.Http.Headers;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Api.Platform.Rpc;
using Driftwood.Data;
using Driftwood.Data.Model;
using Driftwood.Storage;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>
/// <c>PUT /uploads/{jobId}</c>, authorised only by its signature. Each PUT writes a new object. One conditional statement then points
/// the upload's row to it. A frozen upload refuses the statement, so a frozen file cannot change.
/// </summary>
internal static class UploadsPut
{
    /// <param name="JobId">The import.</param>
    /// <param name="ByteLength">The bytes that were stored.</param>
    /// <param name="Sha256">Their SHA-256 in hexadecimal digits.</param>
    internal sealed record Result(Guid JobId, long ByteLength, string Sha256);

    public static void MapUploads(this IEndpointRouteBuilder app) => app.MapPut("/uploads/{jobId:guid}", HandleAsync)
        .WithName("uploads-put")
        .WithTags("Imports")
        .WithSummary("2. PUT the file to its signed URL")
        .WithDescription(
            "Send the file to signed_url exactly as imports-request-upload gave it. It needs no token. It may be repeated until the upload "
            + "is completed: the last file counts.")
        .WithMetadata(new UploadRoute());

    private static async Task<IResult> HandleAsync(
        Guid jobId, HttpContext http, DriftwoodDb db, UploadUrlSigner signer, UploadFiles files, AuditTrail audit, TimeProvider clock,
        [FromServices] DiskUploadStore? disk = null)
    {
        var maxBytes = Authorise(jobId, http.Request, signer);
        if (disk is null)
        {
            throw new ApiException(
                ErrorCodes.SignatureExpired, "Files are stored in a bucket since the URL was signed; request a new upload.");
        }

        var job = await FindOpenAsync(db, jobId, http.RequestAborted);
        var upload = job.Import!.Upload!;
        await RequireTokenAsync(db, upload, clock.GetUtcNow(), http.RequestAborted);
        RequireContentType(http.Request, upload.ContentType);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        var key = UploadKeys.New(jobId);
        var stored = await files.SaveAsync(
            key, http.Request.Body, http.Request.ContentLength, maxBytes, job.AccountId, upload.Id, http.RequestAborted);
        // Whoever requested the upload is answerable for what is sent to its URL.
        await files.PointToAsync(job, key, stored, () => audit.NoteAsync(
            http, job.AccountId, job.CreatedBy, upload.TokenId, job.Id.ToString(), CancellationToken.None));
        return await Envelope.SuccessAsync(new Result(jobId, stored.Length, Convert.ToHexStringLower(stored.Sha256)));
    }

    /// <returns>The signed size.</returns>
    private static long Authorise(Guid jobId, HttpRequest request, UploadUrlSigner signer)
    {
        string? Of(string name) => request.Query.TryGetValue(name, out var value) && value.Count == 1 ? value[0] : null;
        var query = new SignedUploadQuery(Of("expires"), Of("max_bytes"), Of("content_type"), Of("key"), Of("signature"));
        var verdict = signer.Verify(request.Method, request.Path.Value ?? "", jobId, query, out var maxBytes);
        return verdict switch
        {
            UploadUrlVerdict.Ok => maxBytes,
            UploadUrlVerdict.Expired =>
                throw new ApiException(ErrorCodes.SignatureExpired, "The signed URL has expired; request a new upload."),
            _ => throw new ApiException(
                ErrorCodes.SignatureInvalid, "The URL is not as it was signed; use it exactly as imports-request-upload gave it."),
        };
    }

    private static async Task<Job> FindOpenAsync(DriftwoodDb db, Guid jobId, CancellationToken cancellationToken)
    {
        var job = await db.Jobs.AsNoTracking().Include(j => j.Import!.Upload)
            .SingleOrDefaultAsync(j => db.Imports.Any(i => i.Id == jobId && i.AccountId == j.AccountId) && j.Id == jobId, cancellationToken)
            ?? throw ApiException.NotFound("upload", jobId);
        return job is { Status: JobStatus.Pending, Import.Upload.FrozenAt: null } ? job : throw UploadFiles.Frozen();
    }

    /// <exception cref="ApiException">403: the token that requested the upload is refused by now.</exception>
    private static async Task RequireTokenAsync(DriftwoodDb db, Upload upload, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isValid = await db.Tokens.AnyAsync(
            token => token.AccountId == upload.AccountId && token.Id == upload.TokenId && token.RevokedAt == null
                && (token.ExpiresAt == null || token.ExpiresAt > now) && token.Account!.DisabledAt == null,
            cancellationToken);
        if (isValid) return;
        throw new ApiException(
            ErrorCodes.SignatureExpired,
            "The token that requested the upload has expired or was revoked, or its account is disabled; request a new upload.");
    }

    private static void RequireContentType(HttpRequest request, string signed)
    {
        var given = MediaTypeHeaderValue.TryParse(request.ContentType, out var parsed) ? parsed.MediaType : null;
        if (!string.Equals(given, MediaTypeHeaderValue.Parse(signed).MediaType, StringComparison.OrdinalIgnoreCase))
        {
            throw new ApiException(
                ErrorCodes.ContentTypeMismatch, $"The URL was signed for the Content-Type {signed}; send the PUT with it.");
        }
    }
}
