using System.Diagnostics;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// The script that a database administrator would write: COPY into an unlogged staging table, then one statement on the same
/// tables and indexes, in one session and one transaction. It checks only the mixed file's e-mails, and it reports nothing.
/// </summary>
internal static class HandWrittenScript
{
    /// <param name="database">The database that the script uses.</param>
    /// <param name="path">The step's file.</param>
    /// <param name="step">The import step.</param>
    /// <param name="account">The account that gets the contacts.</param>
    /// <exception cref="InvalidOperationException">Rows of the file had no outcome.</exception>
    public static async Task<TimeSpan> RunAsync(BenchmarkDatabase database, string path, ImportStep step, Account account)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        await ExecuteAsync(connection, HandWrittenSql.Stage);
        var clock = Stopwatch.StartNew();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await ExecuteAsync(connection, HandWrittenSql.Settings);
            await using (var copy = await connection.BeginTextImportAsync(HandWrittenSql.CopyStage))
            using (var file = new StreamReader(path))
            {
                var block = new char[1 << 16];
                for (int read; (read = await file.ReadAsync(block)) > 0;) await copy.WriteAsync(block.AsMemory(0, read));
            }

            var rows = await ExecuteAsync(
                connection, step.Statement, new NpgsqlParameter("account", account.Id), new NpgsqlParameter("user", account.User));
            if (rows != step.File.Rows)
            {
                throw new InvalidOperationException($"{step.Name}: the script wrote {rows} of {step.File.Rows} rows.");
            }
            await transaction.CommitAsync();
        }

        return clock.Elapsed;
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string text, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(text, connection);
        command.Parameters.AddRange(parameters);
        return await command.ExecuteNonQueryAsync();
    }
}
