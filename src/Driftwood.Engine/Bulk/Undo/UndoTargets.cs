using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// The targets of an undo: each change that another job made, the last one first. Each row of the change log becomes a run of targets
/// in the lane that wrote it, so that changes of one record are taken back in the reverse order.
/// </summary>
/// <param name="source">The job that is taken back.</param>
public sealed class UndoTargets(Guid source) : IBulkTargets
{
    public long? Listed => null;

    public bool AreResolvedByJob => true;

    public bool AreOrdered => false;

    /// <summary>All: the job has as many lanes as the other job.</summary>
    public int LanesUsed(long count, int lanes) => lanes;

    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("store-undo-targets"), connection) { CommandTimeout = 0 };
        command.Parameters.AddWithValue("account", accountId);
        command.Parameters.AddWithValue("job", jobId);
        command.Parameters.AddWithValue("source", source);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
