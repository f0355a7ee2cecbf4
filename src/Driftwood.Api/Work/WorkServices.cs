using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Work.Maintenance;
using Driftwood.Engine.Bulk;
using Driftwood.Engine.Erasure;
using Driftwood.Engine.Imports;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Maintenance;
using Driftwood.Engine.Postgres;
using Driftwood.Storage;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work;

/// <summary>The services that every job engine needs.</summary>
internal static class WorkServices
{
    /// <summary>Adds the kinds of jobs, the lane runner and maintenance.</summary>
    public static IServiceCollection AddWork(this IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var jobs = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Jobs;
            return new LaneOptions
            {
                Lease = TimeSpan.FromSeconds(jobs.LeaseSeconds),
                ChunkRows = jobs.ChunkRows,
                MaxFailures = jobs.MaxFailures,
                Dialect = provider.GetRequiredService<SqlDialect>(),
            };
        });
        services.AddSingleton<OpenUpload>(provider =>
        {
            var store = provider.GetRequiredService<IUploadStore>();
            return store.OpenReadAsync;
        });
        services.AddSingleton<IStoredFiles, StoredFiles>();
        services.AddSingleton<LaneTable>();
        services.AddSingleton<IJobKind, ImportJobKind>();
        services.AddSingleton<IJobKind, BulkJobKind>();
        services.AddSingleton<IJobKind, FieldCleanupKind>();
        services.AddSingleton<LaneRunner>();
        services.AddMaintenance();

        // A chunk in progress ends and its lane is handed back before the process goes.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        return services;
    }
}
