using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>Runs the statements that apply a chunk's waves: <c>@wave</c> and <c>@user</c> are given to those that have them.</summary>
/// <param name="userId">In whose name records are written.</param>
internal sealed class WaveStatements(Guid userId)
{
    /// <param name="connection">In the chunk's transaction.</param>
    /// <param name="text">The statement.</param>
    /// <param name="wave">Null for one on no wave, or on all.</param>
    public NpgsqlCommand Command(NpgsqlConnection connection, string text, int? wave = null)
    {
        var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 }; // the server's statement_timeout stands
        if (text.Contains("@wave", StringComparison.Ordinal)) command.Parameters.AddWithValue("wave", wave!.Value);
        if (text.Contains("@user", StringComparison.Ordinal)) command.Parameters.AddWithValue("user", userId);
        return command;
    }

    /// <summary>Runs one on no wave, or on all.</summary>
    public Task<long> ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken) => ExecuteAsync(connection, text, null, cancellationToken);

    /// <returns>How many rows it changed; 0 of what changes none.</returns>
    public async Task<long> ExecuteAsync(NpgsqlConnection connection, string text, int? wave, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, wave);
        return Math.Max(0, await command.ExecuteNonQueryAsync(cancellationToken));
    }

    /// <returns>The one number it answers.</returns>
    public async Task<long> CountAsync(NpgsqlConnection connection, string text, int wave, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text, wave);
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
