using System.Net.Http.Headers;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Types;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Security;
using Driftwood.Data;
using Driftwood.Data.Model;
using FluentValidation;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports.Uploads;

internal static class ImportsRequestUpload
{
    public static readonly Result Example = new(
        ImportView.Example.Id,
        "https://driftwood.example.com/uploads/01977c20-11aa-7b3c-9d4e-5f6071829304"
            + "?expires=1750084200&max_bytes=5368709120&content_type=text%2Fcsv&key=2025-06"
            + "&signature=Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE",
        "PUT",
        new Dictionary<string, string> { ["Content-Type"] = "text/csv" },
        new DateTimeOffset(2025, 6, 16, 14, 30, 0, TimeSpan.Zero),
        5_368_709_120);

    internal sealed record Request
    {
        /// <summary>The record type of the rows.</summary>
        public required string ModelType { get; init; }

        /// <summary>The file's name for people. A path in it is not stored.</summary>
        public required string FileName { get; init; }

        /// <summary>The MIME type that the PUT will send.</summary>
        public required string ContentType { get; init; }
    }

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator()
        {
            RuleFor(r => r.ModelType).RecordTypeKey();
            RuleFor(r => r.FileName).NotEmpty().MaximumLength(NewUpload.MaxName)
                .Must(name => !name.Any(char.IsControl)).WithErrorCode("invalid_characters").WithMessage("Holds control characters.");
            RuleFor(r => r.ContentType).NotEmpty().MaximumLength(255)
                .Must(type => MediaTypeHeaderValue.TryParse(type, out _))
                .WithErrorCode("invalid_content_type").WithMessage("Not a MIME type; expected one such as text/csv.");
        }
    }

    /// <param name="Headers">The headers that the PUT must send; the signature covers them.</param>
    internal sealed record Result(
        Guid JobId, string SignedUrl, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt, long MaxBytes);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, DriftwoodDb db, UploadUrls urls, UploadRoom room, IOptions<DriftwoodOptions> options,
        TimeProvider clock, CancellationToken cancellationToken)
    {
        await room.RequirePlaceAsync(caller.AccountId, cancellationToken);
        var (now, limits) = (clock.GetUtcNow(), options.Value.Uploads);
        var job = NewUpload.Of(caller, request.ModelType, request.FileName, request.ContentType, limits, now);
        var upload = job.Import!.Upload!;
        db.Jobs.Add(job);
        await db.SaveChangesAsync(cancellationToken);
        var headers = new Dictionary<string, string> { ["Content-Type"] = request.ContentType };
        var url = await urls.SignAsync(job.Id, upload.ExpiresAt, request.ContentType, upload.MaxBytes);
        return new Result(job.Id, url, HttpMethods.Put, headers, upload.ExpiresAt, upload.MaxBytes);
    }
}
