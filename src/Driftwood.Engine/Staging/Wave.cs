using System.Data;
using Driftwood.Engine.Faults;
using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>
/// One wave of a staged chunk in the chunk's open transaction. Its statements have the wave as <c>@wave</c>, the lane's account and
/// job and the user in whose name records are written as <c>@account</c>, <c>@job</c> and <c>@user</c>, and what the change log needs.
/// </summary>
internal sealed class Wave(NpgsqlConnection connection, StageOwner owner, StagePlace place, int number)
{
    /// <summary>
    /// The places of a wave's statements in the order of the change log, for <see cref="Changes.ChangeLog.OfJob"/>. Companies are made
    /// before the records that point to them.
    /// </summary>
    public const string MakesCompanies = "@wave * 6", ChangesCompanies = "@wave * 6 + 1", Links = "@wave * 6 + 2",
        Creates = "@wave * 6 + 3", Updates = "@wave * 6 + 4", Skips = "@wave * 6 + 5";

    /// <summary>
    /// The most times that a wave is begun because another writer took a unique value or changed a matched record meanwhile.
    /// Each time it sees what that writer did, so it needs as many tries as there are writers at the same keys.
    /// </summary>
    private const int MaxTries = 10;

    /// <summary>From 0.</summary>
    public int Number => number;

    public NpgsqlConnection Connection => connection;

    /// <summary>Applies the wave behind a savepoint, and begins again while other writers come between.</summary>
    /// <param name="apply">Applies it once; its result is null when another writer changed a matched record meanwhile.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    /// <exception cref="ContentionException">Other writers came between every time.</exception>
    public async Task<T> ApplyAsync<T>(Func<CancellationToken, Task<T?>> apply, CancellationToken cancellationToken)
        where T : struct
    {
        for (var attempt = 1; ; attempt++)
        {
            await ExecuteAsync("savepoint wave", cancellationToken);
            try
            {
                if (await apply(cancellationToken) is { } result)
                {
                    await ExecuteAsync("release savepoint wave", cancellationToken);
                    return result;
                }
            }
            catch (PostgresException e)
                when (PostgresFaults.CodeOf(e) is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation
                    && connection.State == ConnectionState.Open)
            {
                // Another writer was faster. The next try sees its work.
            }

            if (attempt >= MaxTries) throw new ContentionException(MaxTries);
            await ExecuteAsync("rollback to savepoint wave", cancellationToken);
        }
    }

    public NpgsqlCommand Command(string text)
    {
        var command = StageSession.Command(connection, text, owner);
        if (text.Contains("@wave", StringComparison.Ordinal)) command.Parameters.AddWithValue("wave", number);
        if (!text.Contains("@change", StringComparison.Ordinal)) return command;
        command.Parameters.AddWithValue("change", Guid.CreateVersion7());
        command.Parameters.AddWithValue("lane", owner.Lane);
        command.Parameters.AddWithValue("from", place.Cursor);
        if (text.Contains("@row_numbers", StringComparison.Ordinal)) command.Parameters.AddWithValue("row_numbers", place.RowNumbers);
        return command;
    }

    /// <returns>How many rows the statement changed.</returns>
    public async Task<long> ExecuteAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = Command(text);
        return Math.Max(0, await command.ExecuteNonQueryAsync(cancellationToken));
    }

    /// <summary>Runs a statement of <see cref="StageSql.WriteFound"/>.</summary>
    public async Task<WrittenCounts> WriteAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = Command(text);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new WrittenCounts(reader.GetInt64(0), reader.GetInt64(1));
    }

    /// <returns>The one number that the statement answers.</returns>
    public async Task<long> CountAsync(string text, CancellationToken cancellationToken)
    {
        await using var command = Command(text);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}

/// <summary>What a statement did to the records that it found.</summary>
/// <param name="Changed">Those that it wrote.</param>
/// <param name="Unchanged">Those that had the new values already.</param>
internal readonly record struct WrittenCounts(long Changed, long Unchanged)
{
    public long All => Changed + Unchanged;
}
