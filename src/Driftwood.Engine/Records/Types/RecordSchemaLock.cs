using System.Text;
using Driftwood.Engine.Faults;
using Npgsql;

namespace Driftwood.Engine.Records.Types;

/// <summary>A record type's fields have changed since the caller read them: read them again and begin anew.</summary>
public sealed class RecordTypeChangedException(string recordType)
    : OutdatedException($"The fields of {recordType} have just been changed.");

/// <summary>The type's fields are being changed, or whoever wants to change them waits for a long chunk: worth another try.</summary>
public sealed class RecordTypeBusyException(string recordType)
    : BusyException($"The fields of {recordType} are being changed.");

/// <summary>
/// Keeps writers of records and changes of their fields apart, by an advisory lock on each account's record types that
/// the transaction's end gives back: shared for writers, who then see whether what they know of the type still stands.
/// </summary>
public static class RecordSchemaLock
{
    // Keeps these locks apart from other advisory locks that are taken by a hash.
    private const ulong Seed = 2_000;

    // A change that makes a field unique may take minutes, and each writer that waits holds a connection that others need.
    private const string MaxWait = "3s";

    /// <summary>For a transaction that writes records of the type.</summary>
    /// <exception cref="RecordTypeChangedException">The type is not as it was read.</exception>
    /// <exception cref="RecordTypeBusyException">The lock was not free within three seconds.</exception>
    public static async Task HoldAsync(NpgsqlConnection connection, Guid account, RecordType type, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        // The transaction keeps its own limit for the statements that follow.
        batch.BatchCommands.Add(new NpgsqlBatchCommand(
            $"""
            select set_config('driftwood.lock_timeout', current_setting('lock_timeout'), true),
                set_config('lock_timeout', '{MaxWait}', true)
            """));
        batch.BatchCommands.Add(Lock("pg_advisory_xact_lock_shared", account, type.Key));
        batch.BatchCommands.Add(
            new NpgsqlBatchCommand("select set_config('lock_timeout', current_setting('driftwood.lock_timeout'), true)"));
        // A separate statement, so that it sees what was committed during the wait for the lock.
        batch.BatchCommands.Add(new NpgsqlBatchCommand("select version from record_schemas where account_id = $1 and record_type = $2")
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = account }, new NpgsqlParameter<string> { TypedValue = type.Key } },
        });
        try
        {
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            for (var passed = 0; passed < 3; passed++) await reader.NextResultAsync(cancellationToken);
            var version = await reader.ReadAsync(cancellationToken) ? reader.GetInt64(0) : 0;
            if (version != type.Version) throw new RecordTypeChangedException(type.Key);
        }
        catch (PostgresException waited) when (waited.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new RecordTypeBusyException(type.Key);
        }
    }

    /// <summary>
    /// For a transaction that changes the type's fields: waits for the writers under way, and keeps others out until its end.
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
