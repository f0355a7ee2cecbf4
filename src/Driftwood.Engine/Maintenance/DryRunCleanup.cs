using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>
/// Removes what dry runs kept once they have ended, in bounded parts, each a statement and transaction of its own. Safe on many
/// nodes at once. No worker writes the state of a job that has ended: its lanes have ended too, and a chunk needs a running lane.
/// </summary>
public sealed class DryRunCleanup(NpgsqlDataSource database)
{
    /// <summary>Rows of a statement: some tens of milliseconds.</summary>
    private const int PartRows = 10_000;

    /// <summary>Statements of one run, so that other maintenance gets its turn.</summary>
    private const int MaxParts = 20;

    private static readonly (string Name, string Order)[] Tables = [("dry_run_keys", "field, key, record_id"), ("dry_run_records", "id")];

    /// <summary>Removes a part of what there is to remove; the next run continues.</summary>
    /// <returns>The number of rows removed.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var giveUp = database.CreateCommand(SqlText.Of("give-up-dry-runs"));
        await giveUp.ExecuteNonQueryAsync(cancellationToken);
        var parts = 0;
        var removed = 0L;
        foreach (var (account, job) in await ListAsync(cancellationToken))
        {
            foreach (var (table, order) in Tables)
            {
                while (parts++ < MaxParts)
                {
                    var part = await BoundedDelete.RunAsync(database, table, order, account, job, PartRows, cancellationToken);
                    removed += part;
                    if (part < PartRows) break;
                }
            }

            await using var end = database.CreateCommand(SqlText.Of("end-dry-run-removal"));
            end.Parameters.AddWithValue("account", account);
            end.Parameters.AddWithValue("job", job);
            await end.ExecuteNonQueryAsync(cancellationToken);
        }

        return removed;
    }

    private async Task<List<(Guid Account, Guid Job)>> ListAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("dry-runs-to-remove"));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<(Guid Account, Guid Job)> jobs = [];
        while (await reader.ReadAsync(cancellationToken)) jobs.Add((reader.GetGuid(0), reader.GetGuid(1)));
        return jobs;
    }
}
