using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Bulk.Undo;

/// <summary>
/// Takes back runs whose records nobody has touched since the job, each by one statement. The lane takes the others back over the
/// temporary table (<see cref="UndoSql"/>).
/// </summary>
/// <param name="commands">Makes the commands.</param>
/// <param name="dialect">
/// The database. A cluster takes no places of records, so there the lane takes everything back over the temporary table.
/// </param>
internal sealed class UntouchedRuns(UndoCommands commands, SqlDialect dialect)
{
    private readonly Dictionary<string, UntouchedSql> _types = [];

    // After a record that cannot come back, more are likely.
    private bool _mayAllComeBack = true;

    /// <summary>
    /// Brings all deleted records of a run back. Returns false, and changes nothing, if one of them cannot come back as it was.
    /// </summary>
    public async Task<bool> BringBackAsync(
        NpgsqlConnection connection, UndoChunk undo, RecordType type, UndoSql sql, CancellationToken cancellationToken)
    {
        if (dialect.IsDistributed || !_mayAllComeBack || type.UniqueValueFields.Any()) return false;
        await ExecuteAsync("savepoint whole");
        await using var command = commands.Of(connection, undo, type, sql.BringAllBack);
        try
        {
            _mayAllComeBack = (long)(await command.ExecuteScalarAsync(cancellationToken))! == undo.Count;
        }
        catch (PostgresException refused)
            when (refused.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation)
        {
            _mayAllComeBack = false; // the temporary table finds out which of them cannot
        }

        // Without the release, what follows would be part of one more subtransaction for each run.
        await ExecuteAsync(_mayAllComeBack ? "release savepoint whole" : "rollback to savepoint whole; release savepoint whole");
        return _mayAllComeBack;

        async Task ExecuteAsync(string text)
        {
            await using var statement = new NpgsqlCommand(text, connection);
            await statement.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Restores the records that still hold all that the job left in them.</summary>
    /// <returns>How many, and the indexes of the other targets; null: all.</returns>
    public async Task<(long Restored, long[]? Others)> RestoreAsync(
        NpgsqlConnection connection, UndoChunk undo, RecordType type, CancellationToken cancellationToken)
    {
        if (dialect.IsDistributed) return (0, null);
        if (!_types.TryGetValue(type.Key, out var sql))
        {
            await using var logged = commands.Of(connection, undo, type, UndoSql.LoggedColumns(UndoSql.Targets));
            sql = new UntouchedSql(type, await UndoCommands.ReadTextsAsync(logged, cancellationToken));
        }

        // The columns are read again after a run of which they fit fewer than half: other statements of the job change other columns.
        _types.Remove(type.Key);
        if (sql.Columns.Length == 0) return (0, null);
        await using var command = commands.Of(connection, undo, type, sql.Restore);
        command.Parameters.AddWithValue("columns", sql.Columns);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (restored, others) = (row.GetInt64(0), row.GetFieldValue<long[]>(1));
        if (restored + others.Length != undo.Count) throw new JobFailedException("The change log of the job is no longer kept.");
        if (restored >= others.Length) _types[type.Key] = sql;
        return (restored, others);
    }
}
