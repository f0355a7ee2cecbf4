using System.Text;
using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Records.Types;

/// <summary>A record type's fields have changed since the caller read them. The caller has to read them again and start over.</summary>
public sealed class RecordTypeChangedException(string recordType)
    : OutdatedException($"The fields of {recordType} have just been changed.");

/// <summary>The type's fields are being changed, or a change waits for a long chunk. The caller can try again.</summary>
public sealed class RecordTypeBusyException(string recordType)
    : BusyException($"The fields of {recordType} are being changed.");

/// <summary>
/// Separates writers of records from changes of the fields, by an advisory lock on each of the account's record types. The lock
/// ends with the transaction. Writers share the lock, and then check that the type is still as they read it.
/// </summary>
public static class RecordSchemaLock
{
    // Separates these locks from other advisory locks that are taken by a hash.
    private const ulong Seed = 2_000;

    // A change that makes a field unique may take minutes. Each waiting writer holds a connection that others need.
    private const string MaxWait = "3s";

    /// <summary>For a transaction that writes records of the type.</summary>
    /// <param name="connection">With the transaction.</param>
    /// <param name="account">The account.</param>
    /// <param name="type">The type as it was read.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <param name="settings">Statements that are sent together with the lock, before it.</param>
    /// <exception cref="RecordTypeChangedException">The type has changed since it was read.</exception>
    /// <exception cref="RecordTypeBusyException">The lock was not free within three seconds.</exception>
    public static async Task HoldAsync(
        NpgsqlConnection connection, Guid account, RecordType type, CancellationToken cancellationToken,
        params IReadOnlyList<string> settings)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var setting in settings) batch.BatchCommands.Add(new NpgsqlBatchCommand(setting));
        // The transaction keeps its own limit for the following statements.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            select set_config('driftwood.lock_timeout', current_setting('lock_timeout'), true),
                set_config('lock_timeout', '{MaxWait}', true)
            """));
        batch.BatchCommands.Add(Lock("pg_advisory_xact_lock_shared", account, type.Key));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand("select set_config('lock_timeout', current_setting('driftwood.lock_timeout'), true)"));
        // A separate statement, so that it sees the commits that were made while this transaction waited for the lock.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select version from record_schemas where account_id = $1 and record_type = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = account }, new NpgsqlParameter<string> { TypedValue = type.Key } },
        });
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            while (reader.GetName(0) != "version") await reader.NextResultAsync(cancellationToken);
            var version = await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0;
            if (version != type.Version) throw new RecordTypeChangedException(type.Key);
        }
        catch (PostgresException waited) when (waited.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new RecordTypeBusyException(type.Key);
        }
    }

    /// <summary>
    /// For a transaction that changes the type's fields. It waits for the current writers, and keeps others out until it ends.
    /// </summary>
    public static async Task TakeAsync(NpgsqlConnection connection, Guid account, string recordType, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Lock("pg_advisory_xact_lock", account, recordType));
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlBatchCommand Lock(string function, Guid account, string recordType)
    {
        var key = KeyHash.Of([.. account.ToByteArray(), .. Encoding.UTF8.GetBytes(recordType)], Seed);
        return new NpgsqlBatchCommand($"select {function}($1)")
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = unchecked((long)key) } },
        };
    }
}
