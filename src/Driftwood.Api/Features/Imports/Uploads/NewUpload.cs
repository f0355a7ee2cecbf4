using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Imports.Uploads;

/// <summary>An import that waits for its file.</summary>
internal static class NewUpload
{
    /// <summary>Characters of a file's name.</summary>
    public const int MaxName = 255;

    /// <summary>The rows of a new import and its upload.</summary>
    public static Job Of(Caller caller, string modelType, string fileName, string contentType, UploadOptions limits, DateTimeOffset now)
    {
        var id = Guid.CreateVersion7(now);
        var upload = new Upload
        {
            AccountId = caller.AccountId,
            Id = Guid.CreateVersion7(now),
            FileName = WithoutPath(fileName),
            ContentType = contentType,
            MaxBytes = limits.MaxBytes,
            TokenId = caller.TokenId,
            CreatedAt = now,
            // Whole seconds, so that the signature and the row have the same value.
            ExpiresAt = DateTimeOffset.FromUnixTimeSeconds(now.AddHours(limits.ExpiryHours).ToUnixTimeSeconds()),
        };
        return new Job
        {
            AccountId = caller.AccountId,
            Id = id,
            Kind = JobKind.Import,
            RecordType = modelType,
            Status = JobStatus.Pending,
            CreatedBy = caller.UserId,
            CreatedAt = now,
            UpdatedAt = now,
            Import = new Import { AccountId = caller.AccountId, Id = id, UploadId = upload.Id, Upload = upload },
        };
    }

    private static string WithoutPath(string name) => name[(name.LastIndexOfAny(['/', '\\']) + 1)..] is { Length: > 0 } last ? last : name;
}
