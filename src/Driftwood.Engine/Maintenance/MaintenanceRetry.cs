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
        List<(Guid Account, Guid Job)> failed = [];
        await using (var list = database.CreateCommand(SqlText.Of("failed-maintenance")))
        await using (var row = await list.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken)) failed.Add((row.GetGuid(0), row.GetGuid(1)));
        }

        var lanes = 0;
        foreach (var (account, job) in failed)
        {
            await using var reopen = database.CreateCommand(SqlText.Of("reopen-maintenance"));
            reopen.Parameters.AddWithValue("account", account);
            reopen.Parameters.AddWithValue("job", job);
            lanes += await reopen.ExecuteNonQueryAsync(cancellationToken);
        }

        return lanes;
    }
}
