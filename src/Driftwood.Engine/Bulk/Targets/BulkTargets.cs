using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>The frozen selections of bulk jobs.</summary>
public static class BulkTargets
{
    /// <summary>Targets that follow each other, are in one lane, and are stored in one row; fewer in the last run, and where items became targets.</summary>
    internal const int Run = 2_000;

    /// <summary>How many of a job's lanes got a target; the first one counts in any case, as its worker ends the job.</summary>
    internal static int LanesUsed(long targets, int lanes) => (int)Math.Clamp((targets + Run - 1) / Run, 1, lanes);

    /// <summary>
    /// Where the n-th target goes, from 0: its lane, and its position there, from 1. Neighbours stay together, as records found
    /// next to each other are often on one page of the table, which two lanes should not write at the same time; and so few that
    /// fill no run stay in one lane.
    /// </summary>
    internal static (int Lane, long Position) Place(long n, int lanes)
    {
        var run = n / Run;
        return ((int)(run % lanes), (run / lanes * Run) + (n % Run) + 1);
    }

    /// <summary>Stores a job's targets, each id once, in the order given, dealt out to the lanes in runs; in the caller's transaction.</summary>
    public static async Task FreezeAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int laneCount, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        HashSet<Guid> seen = new(ids.Count);
        await using var copy = await TargetCopy.BeginAsync(connection, accountId, jobId, cancellationToken);
        for (var i = 0; i < ids.Count; i++)
        {
            if (!seen.Add(ids[i])) continue;
            var (lane, position) = Place(seen.Count - 1, laneCount);
            await copy.AddAsync(lane, position, i, ids[i], null, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    /// <summary>Whether the account has a record of that id.</summary>
    /// <param name="connection">Open; its transaction, if any, is used.</param>
    /// <param name="accountId">The account.</param>
    /// <param name="recordType">Key of a built-in record type; never a caller's text.</param>
    /// <param name="id">The record.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    public static async Task<bool> ExistsAsync(
        NpgsqlConnection connection, Guid accountId, string recordType, Guid id, CancellationToken cancellationToken)
    {
        var type = Records.Types.RecordTypes.Find(recordType) ?? throw new ArgumentOutOfRangeException(nameof(recordType), recordType, "Unknown record type.");
        await using var command = new NpgsqlCommand($"select exists (select 1 from {type.Key} where account_id = $1 and id = $2)", connection);
        command.Parameters.AddWithValue(accountId);
        command.Parameters.AddWithValue(id);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
