using System.Text;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Receipts;
using Driftwood.Storage;
using Driftwood.Storage.S3;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports;

internal static class ImportServices
{
    /// <summary>Adds the storage of uploads, on disk or in a bucket, and the signing of their URLs.</summary>
    public static IServiceCollection AddImports(this IServiceCollection services, UploadOptions uploads)
    {
        services.AddHttpContextAccessor();
        if (uploads.IsInBucket) services.AddBucket();
        else services.AddDisk();
        services.AddSingleton(provider =>
        {
            var keys = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Uploads.SigningKeys;
            return new UploadUrlSigner(
                [.. keys.Select(key => new Storage.SigningKey(key.Id, Encoding.UTF8.GetBytes(key.Secret)))],
                provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<UploadUrls>();
        services.AddScoped<NewOptions>();
        services.AddScoped<UploadFiles>();
        services.AddScoped<UploadCompletion>();
        services.AddScoped<RetryUpload>();
        services.AddSingleton<ImportResults>();
        services.AddSingleton<ImportReceipt>();
        services.AddScoped<ImportReceipts>();
        services.AddSingleton<ManifestSigner>();
        services.AddScoped<ImportsResults.Reader>();
        services.AddScoped<UploadRoom>();
        services.AddJobReader<ImportReader, ImportView>();
        services.ConfigureSwaggerGen(options => options.OperationFilter<UploadsOperation>());
        return services;
    }

    private static void AddDisk(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value;
            var store = new DiskUploadStoreOptions
            {
                Directory = Path.GetFullPath(Path.Combine(options.DataDirectory, "uploads")),
                MaxBytes = options.Uploads.MaxBytes,
            };
            return new DiskUploadStore(store, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IUploadStore>(provider => provider.GetRequiredService<DiskUploadStore>());
    }

    private static void AddBucket(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var s3 = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Uploads.S3;
            var bucket = new S3StoreOptions
            {
                Bucket = s3.Bucket,
                Endpoint = s3.Endpoint,
                PublicEndpoint = s3.PublicEndpoint,
                Prefix = s3.Prefix,
                Region = s3.Region,
                AccessKey = s3.AccessKey,
                SecretKey = s3.SecretKey,
                PathStyle = s3.PathStyle,
            };
            return new S3UploadStore(bucket, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<IUploadStore>(provider => provider.GetRequiredService<S3UploadStore>());
    }
}
