using Driftwood.Engine.Postgres;
using Driftwood.Engine.Records.Types;
using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>In whose name staged rows are applied.</summary>
internal readonly record struct StageOwner(Guid Account, Guid Job, Guid User, int Lane = 0);

/// <summary>Where the rows of a staged chunk come from.</summary>
/// <param name="Cursor">The lane's cursor before the chunk.</param>
/// <param name="RowNumbers">The number of each staged row in the file, or of each item in its list, by its <c>seq</c>.</param>
internal readonly record struct StagePlace(long Cursor, long[] RowNumbers);

/// <summary>Runs the statements on a staged chunk that are on no single wave.</summary>
internal static class StageSession
{
    /// <summary>Makes the planner look rows up by index until the transaction ends, and makes a stage.</summary>
    /// <param name="connection">In the chunk's transaction.</param>
    /// <param name="stage">The stage; null when none is needed yet.</param>
    /// <param name="dialect">The database.</param>
    /// <param name="cancellationToken">Stops the statements.</param>
    public static Task BeginAsync(
        NpgsqlConnection connection, StageTable? stage, SqlDialect dialect, CancellationToken cancellationToken)
    {
        var settings = string.Join("; ", Probe.SettingsFor(dialect));
        return ExecuteAsync(connection, stage is null ? settings : $"{settings}; {stage.Create}", cancellationToken);
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A command that runs until the server's <c>statement_timeout</c>.</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, string text) => new(text, connection) { CommandTimeout = 0 };

    /// <summary>The same, in the name of an owner: <c>@account</c>, <c>@job</c> and <c>@user</c>, where the text has them.</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, string text, StageOwner owner)
    {
        var command = Command(connection, text);
        Add("@account", owner.Account);
        Add("@job", owner.Job);
        Add("@user", owner.User);
        return command;

        void Add(string name, Guid id)
        {
            if (text.Contains(name, StringComparison.Ordinal)) command.Parameters.AddWithValue(name[1..], id);
        }
    }
}
