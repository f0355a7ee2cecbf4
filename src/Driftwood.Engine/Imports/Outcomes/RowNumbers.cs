using System.Data;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Imports.Outcomes;

/// <summary>The numbers of an import's rows whose outcome is certain: 1, 2, 3 …, or those of the failed rows that it tries again.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="IsRetry">They are those of failed rows.</param>
internal readonly record struct RowNumbers(Guid Account, Guid Job, long Count, bool IsRetry)
{
    public static async Task<RowNumbers> OfAsync(
        NpgsqlConnection connection, Guid account, Guid job, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(SqlText.Of("import-results-end"), connection);
        command.Parameters.AddWithValue("account", account);
        command.Parameters.AddWithValue("job", job);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new RowNumbers(account, job, row.GetInt64("certain"), row.GetBoolean("is_retry"))
            : new RowNumbers(account, job, 0, false);
    }

    /// <summary>The next numbers after a row, in ascending order; none after the last one.</summary>
    public async Task<long[]> AfterAsync(NpgsqlConnection connection, long after, int limit, CancellationToken cancellationToken)
    {
        if (!IsRetry)
        {
            var next = new long[Math.Clamp(Count - after, 0, limit)];
            for (var i = 0; i < next.Length; i++) next[i] = after + 1 + i;
            return next;
        }

        await using var command = new NpgsqlCommand(SqlText.Of("retried-row-numbers"), connection);
        command.Parameters.AddWithValue("account", Account);
        command.Parameters.AddWithValue("job", Job);
        command.Parameters.AddWithValue("after", after);
        command.Parameters.AddWithValue("count", Count);
        command.Parameters.AddWithValue("limit", limit);
        return await command.ExecuteScalarAsync(cancellationToken) as long[] ?? [];
    }
}
