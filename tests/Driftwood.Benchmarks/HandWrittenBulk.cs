using System.Diagnostics;
using Npgsql;

namespace Driftwood.Benchmarks;

/// <summary>
/// The script that a database administrator would write. In one session and one transaction it puts the target contacts into a
/// table, and then applies one statement to them. It rejects no contact and reports nothing.
/// </summary>
internal static class HandWrittenBulk
{
    // This memory lets PostgreSQL hash a million contacts in one piece.
    private const string Freeze = """
        set local work_mem = '256MB';
        create temporary table hand_targets on commit drop as select id from contacts where account_id = @account
            and first_name is not null;
        analyze hand_targets
        """;

    /// <returns>The time from the beginning to the commit, and the part of it that the one statement takes.</returns>
    /// <exception cref="InvalidOperationException">The statement did not reach all contacts.</exception>
    public static async Task<(TimeSpan Script, TimeSpan Statement)> RunAsync(
        BenchmarkDatabase database, BulkStep step, Account account, int rows)
    {
        await using var connection = await database.Source.OpenConnectionAsync();
        var clock = Stopwatch.StartNew();
        await using var transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, Freeze, account);
        var before = clock.Elapsed;
        var changed = await ExecuteAsync(connection, step.Statement, account);
        var statement = clock.Elapsed - before;
        await transaction.CommitAsync();
        return changed == rows ? (clock.Elapsed, statement)
            : throw new InvalidOperationException($"{step.Operation}: the script changed {changed} of {rows} contacts.");
    }

    private static async Task<int> ExecuteAsync(NpgsqlConnection connection, string text, Account account)
    {
        await using var command = new NpgsqlCommand(text, connection);
        if (text.Contains("@account", StringComparison.Ordinal)) command.Parameters.AddWithValue("account", account.Id);
        if (text.Contains("@user", StringComparison.Ordinal)) command.Parameters.AddWithValue("user", account.User);
        return await command.ExecuteNonQueryAsync();
    }
}
