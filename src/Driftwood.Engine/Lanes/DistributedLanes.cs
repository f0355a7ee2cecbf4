using System.Data;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>
/// The statements on lanes that span accounts, for a database that is spread over several nodes. A statement over all accounts only
/// reads there. What it finds is then locked by a statement that names the account.
/// </summary>
internal static class DistributedLanes
{
    /// <summary>Lanes that a worker tries to claim. Others may be faster with the first ones; then it looks again.</summary>
    private const int MaxCandidates = 16;

    private const int MaxRounds = 10;

    /// <summary>Claims a lane; with null, the next one that is due. Returns null when none can be claimed.</summary>
    public static async Task<LaneClaim?> ClaimAsync(
        NpgsqlDataSource database, LaneRef? lane, LaneOptions options, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (lane is { } named) return await TryClaimAsync(connection, named, options, cancellationToken);
        for (var round = 0; round < MaxRounds; round++)
        {
            var candidates = await ListCandidatesAsync(connection, cancellationToken);
            foreach (var candidate in candidates)
            {
                if (await TryClaimAsync(connection, candidate, options, cancellationToken) is { } claim) return claim;
            }

            if (candidates.Count < MaxCandidates) break;
        }

        return null; // The sweeper wakes what is left.
    }

    /// <summary>Whether the lane must be handed back, because an account with fewer running lanes has waited for a turn.</summary>
    public static async Task<bool> MustYieldAsync(
        NpgsqlConnection connection, LaneRef lane, TimeSpan turn, CancellationToken cancellationToken)
    {
        long lanes;
        await using (var last = LaneTable.Command(connection, "last-running-lane", lane))
        await using (var row = await last.ExecuteReaderAsync(cancellationToken))
        {
            if (!await row.ReadAsync(cancellationToken) || !row.GetBoolean(0)) return false;
            lanes = row.GetInt64(1);
        }

        await using var command = new NpgsqlCommand(SqlText.Of("other-account-waits"), connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("turn", turn);
        command.Parameters.AddWithValue("lanes", lanes);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private static async Task<List<LaneRef>> ListCandidatesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("candidate-lanes"), connection);
        command.Parameters.AddWithValue("most", MaxCandidates);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        List<LaneRef> candidates = [];
        while (await row.ReadAsync(cancellationToken)) candidates.Add(new LaneRef(row.GetGuid(0), row.GetGuid(1), row.GetInt32(2)));
        return candidates;
    }

    private static async Task<LaneClaim?> TryClaimAsync(
        NpgsqlConnection connection, LaneRef lane, LaneOptions options, CancellationToken cancellationToken)
    {
        (long Fence, long Cursor, int Attempts, int Retries) held;
        await using (var claim = LaneTable.Command(connection, "claim-named-lane", lane))
        {
            claim.Parameters.AddWithValue("owner", options.Owner);
            claim.Parameters.AddWithValue("lease", options.Lease);
            await using var row = await claim.ExecuteReaderAsync(cancellationToken);
            if (!await row.ReadAsync(cancellationToken)) return null;
            held = (row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.GetInt32(3));
        }

        await using var command = LaneTable.Command(connection, "read-claimed-job", lane);
        await using var job = await command.ExecuteReaderAsync(cancellationToken);
        if (!await job.ReadAsync(cancellationToken)) return null; // A job that is gone has no lanes either.
        return new LaneClaim(
            lane, job.GetString("kind"), held.Fence, held.Cursor, held.Attempts, held.Retries, job.GetBoolean("needs_preparation"))
        {
            TraceParent = job.IsDBNull("trace_parent") ? null : job.GetString("trace_parent"),
            IsControlled = job.GetBoolean("is_controlled"),
        };
    }
}
