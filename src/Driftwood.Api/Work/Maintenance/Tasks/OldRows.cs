using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Api.Work.Maintenance.Tasks;

/// <summary>Deletes the rows of a table that are older than a time, some with each statement.</summary>
internal static class OldRows
{
    /// <param name="database">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="key">Its primary key. The place of a row is not enough: in a table of several parts another row may have it.</param>
    /// <param name="time">The column with the time of a row. An index begins with it.</param>
    /// <param name="before">The time.</param>
    /// <param name="batch">The most rows of a statement: one for all could outlast any time limit.</param>
    /// <param name="dialect">How statements are written for the database.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <returns>The number of deleted rows.</returns>
    public static async Task<long> DeleteAsync(
        NpgsqlDataSource database, string table, string[] key, string time, DateTimeOffset before, int batch, SqlDialect dialect,
        CancellationToken cancellationToken)
    {
        if (dialect.IsDistributed) return await DeleteByTimeAsync(database, table, time, before, batch, cancellationToken);
        // Nodes that do it at the same time pass over each other's rows.
        await using var command = database.CreateCommand($"""
            delete from {table} t
            using (
                select {string.Join(", ", key)} from {table} where {time} < $1 order by {time} limit $2 for update skip locked) old
            where {string.Join(" and ", key.Select(column => $"t.{column} = old.{column}"))}
            """);
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = batch });
        for (var deleted = 0L; ;)
        {
            var rows = await command.ExecuteNonQueryAsync(cancellationToken);
            deleted += rows;
            if (rows < batch) return deleted;
        }
    }

    // Citus refuses FOR UPDATE over several shards. There a statement deletes what is as old as the oldest rows, and so it may delete some
    // more that are of the same moment.
    private static async Task<long> DeleteByTimeAsync(
        NpgsqlDataSource database, string table, string time, DateTimeOffset before, int batch, CancellationToken cancellationToken)
    {
        await using var find = database.CreateCommand(
            $"select max(old.at) from (select {time} as at from {table} where {time} < $1 order by {time} limit $2) old");
        find.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = before });
        find.Parameters.Add(new NpgsqlParameter<int> { TypedValue = batch });
        for (var deleted = 0L; ;)
        {
            if (await find.ExecuteScalarAsync(cancellationToken) is not DateTime last) return deleted;
            await using var delete = database.CreateCommand($"delete from {table} where {time} <= $1");
            delete.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = last });
            deleted += await delete.ExecuteNonQueryAsync(cancellationToken);
        }
    }
}
