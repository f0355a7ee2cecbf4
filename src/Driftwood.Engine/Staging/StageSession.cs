using Npgsql;

namespace Driftwood.Engine.Staging;

/// <summary>Runs the statements on a staged chunk that are on no single wave.</summary>
internal static class StageSession
{
    // Each staged row is looked up in an index of the records, whatever the planner guesses of a temporary table without
    // statistics; records are never scanned. Sequential scans stay allowed, as the stage has no index: a plan that cannot do
    // without what is forbidden is chosen by chance, and looks so expensive that every statement is compiled, 0.1 s each.
    private const string PlannerSettings = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off";

    /// <summary>Makes the planner look staged rows up by index until the transaction ends.</summary>
    public static Task SetPlannerAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ExecuteAsync(connection, PlannerSettings, cancellationToken);

    public static async Task ExecuteAsync(NpgsqlConnection connection, string text, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, text);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>A command that runs until the server's <c>statement_timeout</c>.</summary>
    public static NpgsqlCommand Command(NpgsqlConnection connection, string text) => new(text, connection) { CommandTimeout = 0 };
}
