using Driftwood.Engine.Postgres;
using Npgsql;

namespace Driftwood.Engine.Maintenance;

/// <summary>
/// Takes records out of <c>latest_changes</c> that have been changed again, in bounded parts, each a statement and transaction of its
/// own. Safe on many nodes at once. A row is checked when it is an hour old, then whenever its age has doubled, so a record that is left
/// alone costs little, and one that is changed often leaves little behind.
/// </summary>
public sealed class LatestChangesCleanup(NpgsqlDataSource database)
{
    /// <summary>Rows of a statement. Those of single records are many and small.</summary>
    private const int PartRows = 5_000;

    /// <summary>Records of a statement, of which each is looked up: some tenths of a second.</summary>
    private const int PartRecords = 100_000;

    /// <summary>Statements of one run, so that other maintenance gets its turn.</summary>
    private const int MaxParts = 50;

    /// <summary>Checks a part of the rows that are due; the next run continues.</summary>
    /// <returns>The number of rows checked.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(SqlText.Of("clean-latest-changes"));
        command.Parameters.AddWithValue("rows", PartRows);
        command.Parameters.AddWithValue("records", PartRecords);
        var total = 0L;
        for (var part = 0; part < MaxParts; part++)
        {
            var rows = (long)(await command.ExecuteScalarAsync(cancellationToken))!;
            total += rows;
            if (rows == 0) break;
        }

        return total;
    }
}
