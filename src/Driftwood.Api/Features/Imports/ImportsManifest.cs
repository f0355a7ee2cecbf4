using System.Text.Json;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.Requests;
using Driftwood.Api.Platform.Security;
using Driftwood.Data.Model;

namespace Driftwood.Api.Features.Imports;

/// <summary>What an import read and did, signed.</summary>
internal static class ImportsManifest
{
    public static readonly Result Example = new(
        new Manifest(
            ImportView.Example with
            {
                Status = JobStatus.Completed,
                ProcessedRows = 1500,
                CreatedCount = 1200,
                UpdatedCount = 200,
                SkippedCount = 90,
                FailedCount = 10,
                RowsPerSecond = null,
                EtaSeconds = null,
                CompletedAt = ImportView.Example.UpdatedAt,
            },
            new FileHash(90_000, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"),
            new FileHash(210_000, "6f3b2b8f1f0b94a9b6b4f5fa3d4a4c8d4a6f6f0d2b0c7a54e3a6c1c9c6b5d2e1"),
            new DateTimeOffset(2025, 6, 15, 15, 0, 0, TimeSpan.Zero)),
        "eyJhbGciOiJFUzI1NiJ9.eyJpbXBvcnQiOnt9fQ.c2lnbmF0dXJl");

    internal sealed record Request
    {
        public required Guid Id { get; init; }
    }

    /// <summary>A file's size and content.</summary>
    /// <param name="ByteLength">Its bytes.</param>
    /// <param name="Sha256">Its SHA-256 in hexadecimal digits.</param>
    internal sealed record FileHash(long ByteLength, string Sha256);

    /// <summary>An import with the hashes of its files.</summary>
    /// <param name="Import">The import with its settings, counters, user and times.</param>
    /// <param name="File">The uploaded file.</param>
    /// <param name="Receipt">The file of imports-results-csv.</param>
    /// <param name="IssuedAt">When this manifest was signed.</param>
    internal sealed record Manifest(ImportView Import, FileHash File, FileHash Receipt, DateTimeOffset IssuedAt);

    /// <summary>A manifest and its signature.</summary>
    /// <param name="Manifest">The manifest.</param>
    /// <param name="Signature">A JSON Web Signature (RFC 7515, ES256) whose payload is the manifest.</param>
    internal sealed record Result(Manifest Manifest, string Signature);

    public static async Task<Result> HandleAsync(
        Request request, Caller caller, ImportReader imports, ImportReceipts receipts, ManifestSigner signer, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var job = await imports.FindAsync(caller, request.Id, cancellationToken);
        var receipt = await receipts.GetAsync(caller, job, cancellationToken);
        var upload = job.Import!.Upload!;
        var manifest = new Manifest(
            await imports.ReadAsync(caller, request.Id, cancellationToken),
            new FileHash(upload.ByteLength!.Value, Convert.ToHexStringLower(upload.Sha256!)),
            new FileHash(receipt.ByteLength, Convert.ToHexStringLower(receipt.Sha256)),
            clock.GetUtcNow());
        return new Result(manifest, signer.Sign(JsonSerializer.SerializeToUtf8Bytes(manifest, WireJson.Options)));
    }
}
