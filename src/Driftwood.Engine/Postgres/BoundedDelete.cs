using Npgsql;

namespace Driftwood.Engine.Postgres;

/// <summary>
/// Deletes rows of a job from a table that may have millions of them, a bounded number at a time: one statement for all of them
/// could outlast any time limit.
/// </summary>
public static class BoundedDelete
{
    // Without statistics the planner would sort all rows that are left for each part, or read them all by an index and compare each
    // with 10,000 places (16 s in place of 20 ms for 150,000 rows). With everything else priced out, it goes to the places.
    private const string InOrder = "set local enable_sort = off; set local enable_incremental_sort = off; set local jit = off";

    private const string ByPlace = "set local enable_seqscan = off; set local enable_indexscan = off; "
        + "set local enable_indexonlyscan = off; set local enable_bitmapscan = off";

    /// <summary>Deletes the first rows of a job by primary key. Another process may do the same at the same time.</summary>
    /// <param name="database">The database.</param>
    /// <param name="table">A table with <c>account_id</c> and <c>job_id</c>.</param>
    /// <param name="order">The further columns of its primary key.</param>
    /// <param name="account">The account.</param>
    /// <param name="job">The job.</param>
    /// <param name="limit">The most rows.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>The number of rows found. It is less than <paramref name="limit"/> when none are left.</returns>
    public static async Task<int> RunAsync(
        NpgsqlDataSource database, string table, string order, Guid account, Guid job, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        List<string> places = [];
        await using (var find = Command(
            $"{InOrder}; select ctid::text from {table} where account_id = @account and job_id = @job order by {order} limit @limit"))
        {
            find.Parameters.AddWithValue("limit", limit);
            await using var reader = await find.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) places.Add(reader.GetString(0));
        }

        if (places.Count == 0) return 0;
        // A place is not enough: where the table is spread over several, another account's row has the same place in another part.
        await using (var delete = Command(
            $"{ByPlace}; delete from {table} where account_id = @account and job_id = @job and ctid = any (@places::tid[])"))
        {
            delete.Parameters.AddWithValue("places", places);
            await delete.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return places.Count;

        NpgsqlCommand Command(string text)
        {
            var command = new NpgsqlCommand(text, connection);
            command.Parameters.AddWithValue("account", account);
            command.Parameters.AddWithValue("job", job);
            return command;
        }
    }
}
