using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>Starts failed maintenance jobs again after some time, since no user can resume them.</summary>
public sealed class MaintenanceRetry(NpgsqlDataSource database)
{
    /// <summary>Makes the lanes ready; the sweeper wakes them.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("reopen-maintenance"));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
