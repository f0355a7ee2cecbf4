using Driftwood.Engine.Lanes;
using Npgsql;

namespace Driftwood.Api.Work;

/// <summary>The default job engine's seam: NOTIFY wakes the workers of every node that listens on this database.</summary>
internal sealed class InProcessQueue(NpgsqlDataSource database, LaneSignal signal) : ILaneQueue
{
    public const string Channel = "driftwood_lanes";

    public async Task WakeAsync(IReadOnlyList<LaneRef> lanes, CancellationToken cancellationToken)
    {
        if (lanes.Count == 0) return;
        signal.Set(lanes.Count);
        await using var command = database.CreateCommand("select pg_notify($1, $2)");
        command.Parameters.AddWithValue(Channel);
        command.Parameters.AddWithValue(lanes.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
