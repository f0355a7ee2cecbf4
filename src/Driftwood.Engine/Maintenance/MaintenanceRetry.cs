using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>Starts failed maintenance jobs again after some time, since no user can resume them.</summary>
public sealed class MaintenanceRetry(NpgsqlDataSource database)
{
    /// <summary>Makes the lanes ready; the sweeper wakes them.</summary>
    /// <returns>How many lanes were made ready.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("reopen-maintenance"));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
