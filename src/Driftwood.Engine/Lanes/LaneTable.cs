using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>The statements on <c>lanes</c> and on the state of their jobs. All times are the database's.</summary>
public sealed class LaneTable(NpgsqlDataSource database, LaneOptions options)
{
    /// <summary>Claims a lane, or with null the next one that is due; null when there is none to be had.</summary>
    internal async Task<LaneClaim?> ClaimAsync(LaneRef? lane, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("claim-lane"));
        command.Parameters.AddWithValue("account", NpgsqlTypes.NpgsqlDbType.Uuid, (object?)lane?.AccountId ?? DBNull.Value);
        command.Parameters.AddWithValue("job", NpgsqlTypes.NpgsqlDbType.Uuid, (object?)lane?.JobId ?? DBNull.Value);
        command.Parameters.AddWithValue("lane", NpgsqlTypes.NpgsqlDbType.Integer, (object?)lane?.Lane ?? DBNull.Value);
        command.Parameters.AddWithValue("owner", options.Owner);
        command.Parameters.AddWithValue("lease", options.Lease);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var claimed = new LaneRef(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2));
        return new LaneClaim(claimed, reader.GetInt64(3), reader.GetInt64(4), reader.GetInt32(5), reader.GetInt32(6), reader.GetBoolean(7), reader.GetBoolean(8));
    }

    /// <summary>Lanes that nobody holds, at most a hundred, the longest waiting first.</summary>
    public async Task<IReadOnlyList<LaneRef>> ListClaimableAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("claimable-lanes"));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<LaneRef> lanes = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            lanes.Add(new LaneRef(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2)));
        }

        return lanes;
    }

    /// <summary>Starts maintenance jobs that failed some time ago again; returns the number of lanes opened.</summary>
    public async Task<int> ReopenMaintenanceAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("reopen-maintenance"));
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Settles the jobs whose last lane ended without anybody settling them; returns how many.</summary>
    public async Task<int> SettleForgottenAsync(CancellationToken cancellationToken)
    {
        List<(Guid Account, Guid Job)> jobs = [];
        await using (var command = database.CreateCommand(SqlText.Of("unsettled-jobs")))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) jobs.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        foreach (var (account, job) in jobs)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await SettleAsync(connection, account, job, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return jobs.Count;
    }

    /// <summary>True when the lane is still this worker's and stands where the chunk begins; its row is then locked.</summary>
    internal static async Task<bool> LockAsync(NpgsqlConnection connection, LaneClaim claim, long cursor, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "lock-lane", claim.Lane);
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("cursor", cursor);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    internal async Task AdvanceAsync(
        NpgsqlConnection connection, LaneClaim claim, long end, LaneCounts counts, bool keepsAttempts, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "advance-lane", claim.Lane);
        command.Parameters.AddWithValue("keeps_attempts", keepsAttempts);
        command.Parameters.AddWithValue("end", end);
        command.Parameters.AddWithValue("created", counts.Created);
        command.Parameters.AddWithValue("updated", counts.Updated);
        command.Parameters.AddWithValue("deleted", counts.Deleted);
        command.Parameters.AddWithValue("skipped", counts.Skipped);
        command.Parameters.AddWithValue("failed", counts.Failed);
        command.Parameters.AddWithValue("warned", counts.Warned);
        command.Parameters.AddWithValue("lease", options.Lease);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    internal async Task RenewAsync(LaneClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, "renew-lease", claim.Lane);
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("lease", options.Lease);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary><c>run</c>, <c>pause</c>, <c>cancel</c>, <c>stop</c> (the job is no longer processing) or <c>hand_back</c>; null when the job is gone.</summary>
    internal static async Task<string?> ReadControlAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "read-control", lane);
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>Whether a lane is to be handed back, since an account with fewer running lanes has waited for <paramref name="turn"/>.</summary>
    internal static async Task<bool> MustYieldAsync(NpgsqlConnection connection, LaneRef lane, TimeSpan turn, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "must-yield", lane);
        command.Parameters.AddWithValue("turn", turn);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Ends the hold on a lane, and settles the job where this was its last.</summary>
    /// <param name="claim">The lane.</param>
    /// <param name="status">ready, completed, stopped or failed.</param>
    /// <param name="error">With failed: why, for people.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>False, and nothing done, when the lane is another worker's by now, or gone.</returns>
    internal async Task<bool> ReleaseAsync(LaneClaim claim, string status, string? error, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = Command(connection, "release-lane", claim.Lane))
        {
            command.Parameters.AddWithValue("fence", claim.Fence);
            command.Parameters.AddWithValue("status", status);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0) return false;
        }

        if (error is not null)
        {
            await using var command = Command(connection, "note-job-error", claim.Lane);
            command.Parameters.AddWithValue("message", error);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (status != "ready") await SettleAsync(connection, claim.Lane.AccountId, claim.Lane.JobId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Lets nobody claim the lane for a moment; false when it is another worker's by now, or gone.</summary>
    internal async Task<bool> PostponeAsync(LaneClaim claim, TimeSpan delay, bool counts, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, "postpone-lane", claim.Lane);
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("delay", delay);
        command.Parameters.AddWithValue("counts", counts);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Opens the lanes that waited for what lane 0's worker found out; in the transaction that holds lane 0, which is handed back.</summary>
    /// <param name="connection">The transaction's.</param>
    /// <param name="lane">Lane 0.</param>
    /// <param name="lanes">Lanes that have something to do; those beyond are completed.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <returns>The lanes to wake.</returns>
    internal static async Task<IReadOnlyList<LaneRef>> OpenAsync(NpgsqlConnection connection, LaneRef lane, int lanes, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "open-lanes", lane);
        command.Parameters.AddWithValue("used", lanes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<LaneRef> opened = [];
        while (await reader.ReadAsync(cancellationToken)) opened.Add(lane with { Lane = reader.GetInt32(0) });
        return opened;
    }

    // Sent together, and yet each statement begins after the one before it: it sees what was committed while the job's lock was waited for.
    private static async Task SettleAsync(NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var name in (string[])["lock-job", "reopen-lanes", "settle-job", "forget-plan"])
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(SqlText.Of(name)) { Parameters = { new("account", account), new("job", job) } });
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A statement on a lane and its job.</summary>
    internal static NpgsqlCommand Command(NpgsqlConnection connection, string name, LaneRef lane)
    {
        var text = SqlText.Of(name);
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        if (text.Contains("@lane", StringComparison.Ordinal)) command.Parameters.AddWithValue("lane", lane.Lane);
        return command;
    }
}
