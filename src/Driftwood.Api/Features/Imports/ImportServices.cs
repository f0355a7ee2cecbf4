using System.Text;
using Driftwood.Api.Features.Imports.Uploads;
using Driftwood.Api.Features.Imports.Views;
using Driftwood.Api.Features.Jobs;
using Driftwood.Api.Platform.Hosting;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Receipts;
using Driftwood.Storage;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Features.Imports;

internal static class ImportServices
{
    /// <summary>Adds the storage of uploads and the signing of their URLs.</summary>
    public static IServiceCollection AddImports(this IServiceCollection services)
    {
        services.AddHttpContextAccessor();
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value;
            var store = new UploadStoreOptions
            {
                Directory = Path.GetFullPath(Path.Combine(options.DataDirectory, "uploads")),
                MaxBytes = options.Uploads.MaxBytes,
            };
            return new UploadStore(store, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(provider =>
        {
            var keys = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Uploads.SigningKeys;
            return new UploadUrlSigner(
                [.. keys.Select(key => new Storage.SigningKey(key.Id, Encoding.UTF8.GetBytes(key.Secret)))],
                provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<UploadUrls>();
        services.AddScoped<UploadCompletion>();
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
}
