using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Records.Store;

/// <summary>
/// Hands out the numbers of autonumbered names in blocks, each number once. A chunk reserves its numbers in a separate
/// transaction, so that nobody waits for a chunk to commit. A chunk that is rolled back loses its numbers: gaps are allowed.
/// </summary>
internal static class Autonumbers
{
    private const string Reserve =
        "update record_types set next_number = next_number + $3 where account_id = $1 and id = $2 returning next_number - $3";

    private const string Peek = "select next_number from record_types where account_id = $1 and id = $2";

    /// <summary>The first of <paramref name="count"/> numbers that only the caller gets.</summary>
    /// <param name="connection">Open. Inside a transaction, other callers that need a number wait for its end.</param>
    /// <exception cref="RecordTypeChangedException">The type is gone.</exception>
    public static Task<long> ReserveAsync(
        NpgsqlConnection connection, Guid account, RecordType type, int count, CancellationToken cancellationToken) =>
        ReadAsync(connection, Reserve, account, type, [new NpgsqlParameter<long> { TypedValue = count }], cancellationToken);

    /// <summary>The next number. It is not reserved, so another caller may get it too.</summary>
    /// <exception cref="RecordTypeChangedException">The type is gone.</exception>
    public static Task<long> PeekAsync(NpgsqlConnection connection, Guid account, RecordType type, CancellationToken cancellationToken) =>
        ReadAsync(connection, Peek, account, type, [], cancellationToken);

    private static async Task<long> ReadAsync(
        NpgsqlConnection connection,
        string statement,
        Guid account,
        RecordType type,
        NpgsqlParameter[] others,
        CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = type.TypeId!.Value });
        command.Parameters.AddRange(others);
        return await command.ExecuteScalarAsync(cancellationToken) is long number ? number : throw new RecordTypeChangedException(type.Key);
    }
}
