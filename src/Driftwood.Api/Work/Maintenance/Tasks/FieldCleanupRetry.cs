using Driftwood.Engine.Maintenance;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Starts the clean-up of a deleted field again where it failed, such as in an outage: nobody else asks for it.</summary>
internal sealed class FieldCleanupRetry(MaintenanceRetry retry) : IMaintenanceTask
{
    public string Name => "field_cleanup_retry";

    /// <summary>The statement takes only clean-ups that failed at least this long ago.</summary>
    public TimeSpan Interval => TimeSpan.FromMinutes(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken) => await retry.RunAsync(cancellationToken);
}
