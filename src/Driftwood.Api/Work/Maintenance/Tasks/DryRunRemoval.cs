using Driftwood.Engine.Maintenance;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Removes the state that dry runs kept, once they have ended.</summary>
internal sealed class DryRunRemoval(DryRunCleanup cleanup) : IMaintenanceTask
{
    public string Name => "dry_run_removal";

    /// <summary>A run removes a bounded part; a dry run of millions of rows takes many runs, so they follow closely.</summary>
    public TimeSpan Interval => TimeSpan.FromSeconds(5);

    public Task<long> RunAsync(CancellationToken cancellationToken) => cleanup.RunAsync(cancellationToken);
}
