using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// Hands out the numbers of autonumbered names, in blocks, each number once. Chunks reserve theirs in a transaction of
/// their own, so that nobody waits for a chunk to commit, and one that is rolled back takes its numbers with it. Gaps are no fault.
/// </summary>
internal static class Autonumbers
{
    /// <summary>The first of <paramref name="count"/> numbers that are the caller's alone.</summary>
    /// <param name="connection">Open. Inside a transaction, others who need a number wait for its end.</param>
    /// <exception cref="RecordTypeChangedException">The type is gone.</exception>
    public static async Task<long> ReserveAsync(NpgsqlConnection connection, Guid account, RecordType type, int count, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            "update record_types set next_number = next_number + $3 where account_id = $1 and id = $2 returning next_number - $3", connection)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = account },
                new NpgsqlParameter<Guid> { TypedValue = type.TypeId!.Value },
                new NpgsqlParameter<long> { TypedValue = count },
            },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is long first ? first : throw new RecordTypeChangedException(type.Key);
    }

    /// <summary>The number that is next, which anybody may get.</summary>
    /// <exception cref="RecordTypeChangedException">The type is gone.</exception>
    public static async Task<long> PeekAsync(NpgsqlConnection connection, Guid account, RecordType type, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select next_number from record_types where account_id = $1 and id = $2", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = account }, new NpgsqlParameter<Guid> { TypedValue = type.TypeId!.Value } },
        };
        return await command.ExecuteScalarAsync(cancellationToken) is long next ? next : throw new RecordTypeChangedException(type.Key);
    }
}
