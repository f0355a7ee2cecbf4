using Driftwood.Engine.Maintenance;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Takes records that have been changed again out of the table by which lists find records by <c>updated_at</c>.</summary>
internal sealed class LatestChangesTask(LatestChangesCleanup cleanup) : IMaintenanceTask
{
    public string Name => "latest_changes_cleanup";

    /// <summary>Nobody waits for it; often enough that no run has many rows to check.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(1);

    public Task<long> RunAsync(CancellationToken cancellationToken) => cleanup.RunAsync(cancellationToken);
}
