using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>The part that shares the workers out among accounts.</summary>
public sealed partial class LaneRunner
{
    /// <summary>Hands the lane back where its turn is over and an account with fewer running lanes waits; else null.</summary>
    private async Task<LaneResult?> YieldAsync(NpgsqlConnection connection, LaneClaim claim, LaneTurn turn, CancellationToken stopping)
    {
        if (!turn.IsOver) return null;
        if (await LaneTable.MustYieldAsync(connection, claim.Lane, options.Turn, stopping))
        {
            LogYielded(claim.Lane.JobId, claim.Lane.Lane);
            return await EndAsync(claim, LaneEnd.HandedBack, "ready", null);
        }

        turn.Extend();
        return null;
    }

    [LoggerMessage(209, LogLevel.Information, "Lane {Lane} of job {JobId} yields to another account")]
    private partial void LogYielded(Guid jobId, int lane);
}
