using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Engine.Maintenance;

namespace Driftwood.Api.Work.Maintenance;

internal static class MaintenanceServices
{
    /// <summary>Every maintenance task, one line each, and the loop that runs them.</summary>
    public static IServiceCollection AddMaintenance(this IServiceCollection services)
    {
        services.AddSingleton<DryRunCleanup>();
        services.AddSingleton<LatestChangesCleanup>();
        services.AddSingleton<MaintenanceRetry>();
        services.AddTask<LaneSweeper>();
        services.AddTask<DryRunRemoval>();
        services.AddTask<FieldCleanupRetry>();
        services.AddTask<UploadExpiry>();
        services.AddTask<JobRetention>();
        services.AddTask<UnreferencedFiles>();
        services.AddTask<TemporaryFiles>();
        services.AddTask<IdempotencyKeyExpiry>();
        services.AddTask<ChangeLogExpiry>();
        services.AddTask<LatestChangesTask>();
        services.AddTask<AuditExpiry>();
        services.AddTask<JobFigures>();
        return services.AddHostedService<MaintenanceLoop>();
    }

    private static void AddTask<T>(this IServiceCollection services) where T : class, IMaintenanceTask
    {
        services.AddSingleton<T>();
        services.AddSingleton<IMaintenanceTask>(provider => provider.GetRequiredService<T>());
    }
}
