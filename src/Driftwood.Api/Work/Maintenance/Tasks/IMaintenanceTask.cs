namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// One chore that keeps the service in order. Every node runs every task in a loop of its own, so a task must be safe on many
/// nodes at once and do a bounded amount of work.
/// </summary>
internal interface IMaintenanceTask
{
    /// <summary>Names the task in logs and metrics, in snake case.</summary>
    string Name { get; }

    /// <summary>The pause between two runs. Each pause is up to a tenth shorter, so that nodes do not run in step.</summary>
    TimeSpan Interval { get; }

    /// <summary>Does what is due; what is left over is done by the next run.</summary>
    /// <returns>How many items were handled, for the metric.</returns>
    Task<long> RunAsync(CancellationToken cancellationToken);
}
