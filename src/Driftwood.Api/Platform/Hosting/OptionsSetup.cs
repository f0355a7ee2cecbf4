using Driftwood.Storage.S3;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Platform.Hosting;

internal static class OptionsSetup
{
    /// <summary>Binds <see cref="DriftwoodOptions"/>; a bad or misspelt setting stops the start and is named.</summary>
    /// <returns>The same options for what must be known before the host is built.</returns>
    public static DriftwoodOptions AddDriftwoodOptions(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DriftwoodOptions>()
            .Bind(configuration.GetSection(DriftwoodOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .CheckNode()
            .CheckUploads()
            .CheckJobs()
            .CheckLimits()
            .ValidateOnStart();
        return configuration.GetSection(DriftwoodOptions.Section).Get<DriftwoodOptions>() ?? new DriftwoodOptions();
    }

    private static OptionsBuilder<DriftwoodOptions> CheckNode(this OptionsBuilder<DriftwoodOptions> options) => options
        .Check(o => !string.IsNullOrWhiteSpace(o.DataDirectory), "DataDirectory must not be empty")
        .Check(o => o.PublicUrl is null or { IsAbsoluteUri: true }, "PublicUrl must be absolute, such as https://api.example.com")
        .Check(o => o.TrustedProxies.All(proxy => Edge.NetworkOf(proxy) is not null),
            "TrustedProxies must be addresses or networks, such as 10.0.0.0/8")
        .Check(o => o.CorsOrigins.All(Edge.IsOrigin),
            "CorsOrigins must be origins without a path, such as https://app.example.com, or *")
        .Check(o => o.Records.QuerySeconds is >= 1 and <= 600, "Records:QuerySeconds must be from 1 to 600")
        .Check(o => o.Audit.RetentionDays is >= 0 and <= 36_500, "Audit:RetentionDays must be from 0, never, to 36500")
        .Check(o => o.Telemetry.Otlp is null or { IsAbsoluteUri: true, Scheme: "http" or "https" },
            "Telemetry:Otlp must be an address such as http://localhost:4317")
        .Check(o => o.Telemetry.OtlpProtocol is "grpc" or "http", "Telemetry:OtlpProtocol must be grpc or http");

    private static OptionsBuilder<DriftwoodOptions> CheckUploads(this OptionsBuilder<DriftwoodOptions> options) => options
        .Check(o => o.Uploads.MaxBytes > 0, "Uploads:MaxBytes must be above 0")
        .Check(o => o.Uploads.ExpiryHours is >= 1 and <= 720, "Uploads:ExpiryHours must be from 1 to 720")
        .Check(o => o.Uploads.SigningKeys.All(key => key is { Id.Length: > 0, Secret.Length: >= 32 }),
            "Uploads:SigningKeys need an Id and a Secret of at least 32 characters each")
        .Check(o => o.Uploads.SigningKeys.DistinctBy(key => key.Id).Count() == o.Uploads.SigningKeys.Length,
            "Uploads:SigningKeys must have different Ids")
        .Check(o => o.Uploads.Storage is UploadOptions.Disk or UploadOptions.Bucket, "Uploads:Storage must be disk or s3")
        .Check(o => !o.Uploads.IsInBucket || o.Uploads.S3.Bucket.Length > 0, "Uploads:S3:Bucket must be set with Uploads:Storage s3")
        .Check(o => new[] { o.Uploads.S3.Endpoint, o.Uploads.S3.PublicEndpoint }.All(
                address => address is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }),
            "Uploads:S3:Endpoint and Uploads:S3:PublicEndpoint must be addresses such as https://s3.example.com")
        .Check(o => !o.Uploads.S3.Prefix.StartsWith('/'), "Uploads:S3:Prefix must not begin with a slash")
        .Check(o => o.Uploads.S3.AccessKey is null == o.Uploads.S3.SecretKey is null,
            "Uploads:S3:AccessKey and Uploads:S3:SecretKey go together")
        .Check(o => !o.Uploads.IsInBucket || o.Uploads.MaxBytes <= S3UploadStore.MaxBytes,
            "Uploads:MaxBytes must be at most 5368709120 with Uploads:Storage s3, which takes no more in one PUT")
        .Check(o => !o.Uploads.IsInBucket || o.Uploads.ExpiryHours <= S3UploadStore.MaxExpiry.TotalHours,
            "Uploads:ExpiryHours must be at most 168 with Uploads:Storage s3, whose URLs work no longer")
        .Check(o => o.Uploads.MaxBytesPerAccount >= 1, "Uploads:MaxBytesPerAccount must be at least 1")
        .Check(o => o.Uploads.MaxPendingPerAccount >= 1, "Uploads:MaxPendingPerAccount must be at least 1");

    private static OptionsBuilder<DriftwoodOptions> CheckJobs(this OptionsBuilder<DriftwoodOptions> options) => options
        .Check(o => JobEngines.All.Contains(o.Jobs.Engine), "Jobs:Engine must be hangfire or in_process")
        .Check(o => o.Jobs.DashboardAccount is null || o.Jobs.Engine == JobEngines.Hangfire,
            "Jobs:DashboardAccount needs Jobs:Engine hangfire")
        .Check(o => o.Jobs.LeaseSeconds is >= 1 and <= 3600, "Jobs:LeaseSeconds must be from 1 to 3600")
        .Check(o => o.Jobs.LanesPerJob is >= 0 and <= 64, "Jobs:LanesPerJob must be from 0 to 64")
        .Check(o => o.Jobs.ChunkRows is >= 1 and <= 100_000, "Jobs:ChunkRows must be from 1 to 100000")
        .Check(o => o.Jobs.Workers is >= 0 and <= 256, "Jobs:Workers must be from 0 to 256")
        .Check(o => o.Jobs.SweepSeconds is >= 1 and <= 300, "Jobs:SweepSeconds must be from 1 to 300")
        .Check(o => o.Jobs.RetentionDays is >= 0 and <= 36_500, "Jobs:RetentionDays must be from 0, never, to 36500")
        .Check(o => o.Jobs.MaxActiveJobsPerAccount >= 1, "Jobs:MaxActiveJobsPerAccount must be at least 1")
        .Check(o => o.Jobs.ConfirmAbove >= 0, "Jobs:ConfirmAbove must be at least 0")
        .Check(o => o.Jobs.MaxImportRows >= 1, "Jobs:MaxImportRows must be at least 1")
        .Check(o => o.Jobs.MaxFailures >= 1, "Jobs:MaxFailures must be at least 1");

    private static OptionsBuilder<DriftwoodOptions> CheckLimits(this OptionsBuilder<DriftwoodOptions> options) => options
        .Check(o => o.Limits.ReadsPerSecond >= 0, "Limits:ReadsPerSecond must be at least 0, which lifts it")
        .Check(o => o.Limits.WritesPerSecond >= 0, "Limits:WritesPerSecond must be at least 0, which lifts it")
        .Check(o => o.Limits.ConcurrentRequests >= 0, "Limits:ConcurrentRequests must be at least 0, which lifts it")
        .Check(o => o.Limits.ConcurrentSearches >= 0, "Limits:ConcurrentSearches must be at least 0, which lifts it")
        .Check(o => o.Limits.BusyRequests >= 0, "Limits:BusyRequests must be at least 0, which lifts it")
        .Check(o => o.Limits.QueuedRequests >= 0, "Limits:QueuedRequests must be at least 0")
        .Check(o => o.Limits.QueueSeconds is >= 1 and <= 300, "Limits:QueueSeconds must be from 1 to 300");

    private static OptionsBuilder<DriftwoodOptions> Check(
        this OptionsBuilder<DriftwoodOptions> options,
        Func<DriftwoodOptions, bool> holds,
        string rule) => options.Validate(holds, $"{DriftwoodOptions.Section}:{rule}.");
}
