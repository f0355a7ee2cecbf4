using Driftwood.Engine.Records.Queries;
using Npgsql;

namespace Driftwood.Engine.Bulk.Targets;

/// <summary>The records that a filter or a query finds when the job starts, in the order in which the database finds them.</summary>
/// <param name="query">The query that finds the records.</param>
/// <param name="database">Opens the connection on which they are found.</param>
public sealed class QueryTargets(RecordQuery query, NpgsqlDataSource database) : IRecordTargets
{
    public long? Listed => null;

    public bool AreResolvedByJob => true;

    public bool AreOrdered => false;

    public RecordQuery Records => query;

    // One statement finds the records on a separate connection. Those found so far are stored while it finds more, so two sessions of
    // the server and this process work at the same time.
    public async Task<long> StoreAsync(
        NpgsqlConnection connection, Guid accountId, Guid jobId, int lanes, CancellationToken cancellationToken)
    {
        await using var finding = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await finding.BeginTransactionAsync(cancellationToken);
        await LimitLikeAsync(connection, finding, cancellationToken);
        var sql = new RecordQuerySql(query, accountId);
        await sql.ChooseSourceAsync(number => ReadAsync(finding, number, cancellationToken));
        await using var command = new NpgsqlCommand($"select r.id from {sql.From}", finding);
        command.CommandTimeout = 0; // the server's statement_timeout stands
        sql.AddParameters(command.Parameters);
        await using var found = await command.ExecuteReaderAsync(cancellationToken);
        await using var targets = await TargetCopy.BeginAsync(connection, accountId, jobId, cancellationToken);
        var count = 0L;
        for (; await found.ReadAsync(cancellationToken); count++)
        {
            var (lane, position) = TargetRuns.Place(count, lanes);
            await targets.AddAsync(lane, position, count, found.GetGuid(0), null, cancellationToken);
        }

        await targets.CompleteAsync(cancellationToken);
        return count;
    }

    private static async Task<long> ReadAsync(NpgsqlConnection finding, NpgsqlBatchCommand number, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(finding) { BatchCommands = { number } };
        return (long)(await batch.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task LimitLikeAsync(NpgsqlConnection connection, NpgsqlConnection finding, CancellationToken cancellationToken)
    {
        await using var read = new NpgsqlCommand("select current_setting('statement_timeout')", connection);
        var limit = (string)(await read.ExecuteScalarAsync(cancellationToken))!;
        const string Text = "select set_config('jit', 'off', true), set_config('statement_timeout', $1, true)";
        await using var set = new NpgsqlCommand(Text, finding);
        set.Parameters.AddWithValue(limit);
        await set.ExecuteNonQueryAsync(cancellationToken);
    }
}
