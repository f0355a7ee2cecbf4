using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Work.Maintenance;
using Driftwood.Engine.Lanes;
using Driftwood.Storage;
using Microsoft.Extensions.Options;

namespace Driftwood.Api.Work;

/// <summary>The services that run lanes, and those that make lanes ready.</summary>
internal static class WorkServices
{
    /// <summary>On every node: the queue that wakes lanes, and maintenance. On nodes that run lanes: the workers.</summary>
    public static IServiceCollection AddWork(this IServiceCollection services, DriftwoodOptions options, string connectionString)
    {
        services.AddSingleton(provider =>
        {
            var jobs = provider.GetRequiredService<IOptions<DriftwoodOptions>>().Value.Jobs;
            return new LaneOptions { Lease = TimeSpan.FromSeconds(jobs.LeaseSeconds), ChunkRows = jobs.ChunkRows };
        });
        services.AddSingleton<OpenUpload>(provider =>
        {
            var store = provider.GetRequiredService<UploadStore>();
            return store.OpenReadAsync;
        });
        services.AddSingleton<LaneTable>();
        services.AddSingleton<LaneWorkLoader>();
        services.AddSingleton<LaneRunner>();
        services.AddJobEngine(options, connectionString);
        services.AddMaintenance();

        // A chunk in progress ends and its lane is handed back before the process goes.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(15));
        return services;
    }
}
