using System.Diagnostics.Metrics;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>
/// Counts unfinished jobs and their lanes for the meter <c>Driftwood.Jobs</c>. The figures are of the whole database, the same on every
/// node. They are read while somebody listens, and at most as old as the interval.
/// </summary>
internal sealed class JobFigures : IMaintenanceTask
{
    // Both read only what partial indexes have: unfinished jobs and lanes.
    private const string Jobs = """
        select kind, status, count(*) from jobs where status in ('pending', 'uploaded', 'processing', 'paused') group by kind, status
        """;

    private const string Lanes = """
        select case when l.status = 'ready' then 'waiting' when l.leased_until < clock_timestamp() then 'expired' else 'running' end,
               count(*),
               max(extract(epoch from clock_timestamp() - l.updated_at)) filter (where l.status = 'ready')
        from lanes l
        join jobs j on j.account_id = l.account_id and j.id = l.job_id
        where l.status in ('ready', 'running') and j.status = 'processing'
        group by 1
        """;

    private static readonly string[] LaneStates = ["waiting", "running", "expired"];

    private readonly NpgsqlDataSource _database;
    private readonly ObservableGauge<long> _gauge;

    // Replaced as a whole, so that a reader never sees the jobs of one count beside the lanes of another.
    private Figures _figures = new([], [], []);

    public JobFigures(NpgsqlDataSource database, IMeterFactory meters)
    {
        _database = database;
        var meter = meters.Create("Driftwood.Jobs");
        _gauge = meter.CreateObservableGauge(
            "driftwood.jobs", () => _figures.Jobs, "{job}", "Unfinished jobs in the database, by kind and status.");
        meter.CreateObservableGauge(
            "driftwood.lanes", () => _figures.Lanes, "{lane}",
            "Lanes of processing jobs in the database, by state; the worker of an expired one has died or stalled.");
        meter.CreateObservableGauge(
            "driftwood.lanes.oldest_wait", () => _figures.OldestWait, "s",
            "How long the longest waiting lane in the database has waited for a worker.");
    }

    public string Name => "job_figures";

    public TimeSpan Interval => TimeSpan.FromSeconds(10);

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        if (!_gauge.Enabled) return 0;
        await using var connection = await _database.OpenConnectionAsync(cancellationToken);
        List<Measurement<long>> jobs = [];
        await using (var command = new NpgsqlCommand(Jobs, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                jobs.Add(new(reader.GetInt64(2), new("kind", reader.GetString(0)), new("status", reader.GetString(1))));
        }

        var lanes = LaneStates.ToDictionary(state => state, _ => 0L);
        var oldestWait = 0.0;
        await using (var command = new NpgsqlCommand(Lanes, connection))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                lanes[reader.GetString(0)] = reader.GetInt64(1);
                if (!reader.IsDBNull(2)) oldestWait = (double)reader.GetDecimal(2);
            }
        }

        _figures = new(
            jobs,
            [.. lanes.Select(state => new Measurement<long>(state.Value, new KeyValuePair<string, object?>("state", state.Key)))],
            [new(oldestWait)]);
        return 0;
    }

    private sealed record Figures(
        IReadOnlyList<Measurement<long>> Jobs, IReadOnlyList<Measurement<long>> Lanes, IReadOnlyList<Measurement<double>> OldestWait);
}
