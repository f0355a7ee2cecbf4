using System.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Driftwood.Engine.Lanes;

/// <summary>The statements on <c>lanes</c> and on the state of their jobs. All times come from the database.</summary>
public sealed class LaneTable(NpgsqlDataSource database, LaneOptions options)
{
    // A chunk may have priced out the ways to find rows that these statements need; see Probe.PlannerSettings.
    private static readonly string CompleteLane = string.Join(
        '\n', "set local enable_indexscan = on; set local enable_nestloop = on;", SqlText.Of("advance-lane"), SqlText.Of("release-lane"),
        SqlText.Of("settle-job"));

    /// <summary>Claims a lane; with null, the next one that is due. Returns null when none can be claimed.</summary>
    internal async Task<LaneClaim?> ClaimAsync(LaneRef? lane, CancellationToken cancellationToken)
    {
        if (options.Dialect.IsDistributed) return await DistributedLanes.ClaimAsync(database, lane, options, cancellationToken);
        await using var command = database.CreateCommand(SqlText.Of("claim-lane"));
        command.Parameters.AddWithValue("account", NpgsqlDbType.Uuid, (object?)lane?.AccountId ?? DBNull.Value);
        command.Parameters.AddWithValue("job", NpgsqlDbType.Uuid, (object?)lane?.JobId ?? DBNull.Value);
        command.Parameters.AddWithValue("lane", NpgsqlDbType.Integer, (object?)lane?.Lane ?? DBNull.Value);
        command.Parameters.AddWithValue("owner", options.Owner);
        command.Parameters.AddWithValue("lease", options.Lease);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var claimed = new LaneRef(reader.GetGuid("account_id"), reader.GetGuid("job_id"), reader.GetInt32("lane"));
        return new LaneClaim(
            claimed,
            reader.GetString("kind"),
            reader.GetInt64("fence"),
            reader.GetInt64("cursor"),
            reader.GetInt32("attempts"),
            reader.GetInt32("retries"),
            reader.GetBoolean("needs_preparation"))
        {
            TraceParent = reader.IsDBNull("trace_parent") ? null : reader.GetString("trace_parent"),
            IsControlled = reader.GetBoolean("is_controlled"),
        };
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

    /// <summary>Settles the jobs whose last lane ended but that nobody settled.</summary>
    public async Task<IReadOnlyList<JobEnd>> SettleForgottenAsync(CancellationToken cancellationToken)
    {
        List<(Guid Account, Guid Job)> jobs = [];
        await using (var command = database.CreateCommand(SqlText.Of("unsettled-jobs")))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken)) jobs.Add((reader.GetGuid(0), reader.GetGuid(1)));
        }

        List<JobEnd> ends = [];
        foreach (var (account, job) in jobs)
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            var end = await SettleAsync(connection, account, job, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (end is not null) ends.Add(end);
        }

        return ends;
    }

    /// <summary>Locks the lane's row. Returns false when another worker has the lane, or when its cursor has moved.</summary>
    /// <param name="connection">With a transaction.</param>
    /// <param name="claim">The lane.</param>
    /// <param name="cursor">Its expected cursor.</param>
    /// <param name="settings">Statements that are sent together with the lock, before it. They return no rows.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    internal static async Task<bool> LockAsync(
        NpgsqlConnection connection, LaneClaim claim, long cursor, string settings, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "lock-lane", claim.Lane);
        command.CommandText = $"{settings};\n{command.CommandText}";
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("cursor", cursor);
        return await command.ExecuteScalarAsync(cancellationToken) is not null;
    }

    /// <summary>Moves the cursor and adds to the counters, in the transaction that has locked the lane's row.</summary>
    internal async Task AdvanceAsync(
        NpgsqlConnection connection, LaneClaim claim, long end, LaneCounts counts, bool keepsAttempts, CancellationToken cancellationToken)
    {
        await using var command = Advance(connection, claim, SqlText.Of("advance-lane"), end, counts, keepsAttempts);
        await command.ExecuteNonQueryAsync(cancellationToken);
        await RequireFewFailuresAsync(connection, claim.Lane, counts, cancellationToken);
    }

    /// <summary>The same with the lane's last chunk. It also completes the lane, and settles the job if this was its last lane.</summary>
    /// <returns>The job's end; null if other lanes have not ended.</returns>
    internal async Task<JobEnd?> CompleteAsync(
        NpgsqlConnection connection, LaneClaim claim, long end, LaneCounts counts, CancellationToken cancellationToken)
    {
        JobEnd? job;
        await using (var command = Advance(connection, claim, CompleteLane, end, counts, keepsAttempts: false))
        {
            command.Parameters.AddWithValue("fence", claim.Fence);
            command.Parameters.AddWithValue("status", "completed");
            job = await ReadEndAsync(command, claim.Lane, cancellationToken);
        }

        await RequireFewFailuresAsync(connection, claim.Lane, counts, cancellationToken);
        return job;
    }

    private NpgsqlCommand Advance(
        NpgsqlConnection connection, LaneClaim claim, string text, long end, LaneCounts counts, bool keepsAttempts)
    {
        var command = CommandOf(connection, text, claim.Lane);
        command.Parameters.AddWithValue("keeps_attempts", keepsAttempts);
        command.Parameters.AddWithValue("end", end);
        command.Parameters.AddWithValue("created", counts.Created);
        command.Parameters.AddWithValue("updated", counts.Updated);
        command.Parameters.AddWithValue("deleted", counts.Deleted);
        command.Parameters.AddWithValue("skipped", counts.Skipped);
        command.Parameters.AddWithValue("failed", counts.Failed);
        command.Parameters.AddWithValue("warned", counts.Warned);
        command.Parameters.AddWithValue("lease", options.Lease);
        return command;
    }

    // Failures that other lanes have not committed yet are not counted. So a job may keep one more chunk of them for each lane.
    private async Task RequireFewFailuresAsync(
        NpgsqlConnection connection, LaneRef lane, LaneCounts counts, CancellationToken cancellationToken)
    {
        if (counts.Failed == 0 || options.MaxFailures == long.MaxValue) return;
        await using var command = new NpgsqlCommand(
            "select sum(failed)::bigint from lanes where account_id = $1 and job_id = $2", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lane.AccountId });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = lane.JobId });
        if ((long)(await command.ExecuteScalarAsync(cancellationToken))! <= options.MaxFailures) return;
        throw new JobFailedException(
            $"More than {options.MaxFailures} rows or targets failed, and no more failures are kept of a job. What was applied stays. "
            + "Correct the cause of the failures, and begin a new job.");
    }

    /// <summary>Renews the lease, unless a chunk has locked the lane's row.</summary>
    internal async Task RenewAsync(LaneClaim claim, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, "renew-lease", claim.Lane);
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("lease", options.Lease);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>How a run of the lane has to end now; null when it may continue.</summary>
    internal static async Task<LaneEnd?> ReadControlAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "read-control", lane);
        return (string?)await command.ExecuteScalarAsync(cancellationToken) switch
        {
            "run" => null,
            "hand_back" => LaneEnd.HandedBack,
            "stop" => LaneEnd.Stopped,
            _ => LaneEnd.Lost,
        };
    }

    /// <summary>The same on a separate connection.</summary>
    internal async Task<LaneEnd?> ReadControlAsync(LaneRef lane, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        return await ReadControlAsync(connection, lane, cancellationToken);
    }

    /// <summary>Whether the lane must be handed back, because an account with fewer running lanes has waited for a turn.</summary>
    internal async Task<bool> MustYieldAsync(NpgsqlConnection connection, LaneRef lane, CancellationToken cancellationToken)
    {
        if (options.Dialect.IsDistributed)
            return await DistributedLanes.MustYieldAsync(connection, lane, options.Turn, cancellationToken);
        await using var command = Command(connection, "must-yield", lane);
        command.Parameters.AddWithValue("turn", options.Turn);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    /// <summary>Ends the hold on a lane, and settles the job if this was its last lane.</summary>
    /// <param name="claim">The lane.</param>
    /// <param name="status">ready, completed, stopped or failed.</param>
    /// <param name="error">With failed: the reason, for people.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>Not mine, without any change, when another worker has the lane or the lane is gone; and the job's end.</returns>
    internal async Task<(bool IsMine, JobEnd? Job)> ReleaseAsync(
        LaneClaim claim, string status, string? error, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var command = Command(connection, "release-lane", claim.Lane))
        {
            command.Parameters.AddWithValue("fence", claim.Fence);
            command.Parameters.AddWithValue("status", status);
            if (await command.ExecuteNonQueryAsync(cancellationToken) == 0) return (false, null);
        }

        if (error is not null)
        {
            await using var command = Command(connection, "note-job-error", claim.Lane);
            command.Parameters.AddWithValue("message", error);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        var job = status == "ready" ? null : await SettleAsync(connection, claim.Lane.AccountId, claim.Lane.JobId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (true, job);
    }

    /// <summary>Keeps the lane unclaimed for a moment. Returns false when another worker has it or it is gone.</summary>
    internal async Task<bool> PostponeAsync(LaneClaim claim, TimeSpan delay, bool counts, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = Command(connection, "postpone-lane", claim.Lane);
        command.Parameters.AddWithValue("fence", claim.Fence);
        command.Parameters.AddWithValue("delay", delay);
        command.Parameters.AddWithValue("counts", counts);
        return await command.ExecuteNonQueryAsync(cancellationToken) > 0;
    }

    /// <summary>Opens the lanes that waited for the preparation, and hands lane 0 back, in the transaction that holds lane 0.</summary>
    /// <param name="connection">The transaction's connection.</param>
    /// <param name="lane">Lane 0.</param>
    /// <param name="lanes">The number of lanes that have work. The others are completed.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <returns>The lanes to wake.</returns>
    internal static async Task<IReadOnlyList<LaneRef>> OpenAsync(
        NpgsqlConnection connection, LaneRef lane, int lanes, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, "open-lanes", lane);
        command.Parameters.AddWithValue("used", lanes);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<LaneRef> opened = [];
        while (await reader.ReadAsync(cancellationToken)) opened.Add(lane with { Lane = reader.GetInt32(0) });
        return opened;
    }

    /// <summary>Settles a job whose lanes have all ended. Returns null if there are others, or if it is settled already.</summary>
    private static async Task<JobEnd?> SettleAsync(
        NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        var lane = new LaneRef(account, job, 0);
        await using var command = Command(connection, "settle-job", lane);
        return await ReadEndAsync(command, lane, cancellationToken);
    }

    /// <summary>Runs statements that end with those of settle-job, and reads what these return.</summary>
    private static async Task<JobEnd?> ReadEndAsync(NpgsqlCommand command, LaneRef lane, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken)) return null;
        var counts = new LaneCounts(
            reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6));
        return new JobEnd(lane.AccountId, lane.JobId, reader.GetString(0), reader.GetString(1), counts, reader.GetTimeSpan(7));
    }

    /// <summary>A statement on a lane and its job.</summary>
    internal static NpgsqlCommand Command(NpgsqlConnection connection, string name, LaneRef lane) =>
        CommandOf(connection, SqlText.Of(name), lane);

    private static NpgsqlCommand CommandOf(NpgsqlConnection connection, string text, LaneRef lane)
    {
        var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddWithValue("account", lane.AccountId);
        command.Parameters.AddWithValue("job", lane.JobId);
        if (text.Contains("@lane", StringComparison.Ordinal)) command.Parameters.AddWithValue("lane", lane.Lane);
        return command;
    }
}
