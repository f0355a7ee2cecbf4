using System.Collections.Concurrent;
using Npgsql;

namespace Driftwood.FaultTests;

/// <summary>
/// Worker processes with one lane each. A worker that sleeps in <c>pg_sleep</c> is killed, and another takes its place.
/// </summary>
internal sealed class Victims(Site site, params (string Name, string Value)[] settings) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceProcess> _alive = new();
    private readonly List<Task> _starting = [];
    private int _named;

    public int Kills { get; private set; }

    public Task StartAsync(int workers) => Task.WhenAll(Enumerable.Range(0, workers).Select(_ => StartOneAsync()));

    /// <summary>Kills sleeping workers until it is cancelled.</summary>
    public async Task KillSleepersAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // A killed worker's session sleeps on until the server notices. The loop does not look for that session again.
            var sleepers = await site.AskAsync(
                "select string_agg(application_name, ',') from pg_stat_activity where datname = current_database() and wait_event = "
                    + "'PgSleep'");
            foreach (var name in sleepers.Split(',', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!_alive.TryRemove(name, out var victim)) continue;
                await victim.KillAsync();
                await victim.DisposeAsync();
                Kills++;
                _starting.Add(StartOneAsync());
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_starting);
        foreach (var worker in _alive.Values) await worker.DisposeAsync();
    }

    private async Task StartOneAsync()
    {
        var name = $"worker{Interlocked.Increment(ref _named)}";
        NpgsqlConnectionStringBuilder named = new(site.ConnectionString) { ApplicationName = name };
        _alive[name] = await ServiceProcess.StartAsync(
            site, 1,
            [("Driftwood__Role", "worker"), ("Driftwood__Jobs__Workers", "1"), ("ConnectionStrings__Driftwood", named.ConnectionString),
                .. settings]);
    }
}
