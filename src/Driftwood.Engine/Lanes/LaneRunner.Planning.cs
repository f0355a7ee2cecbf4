using Driftwood.Engine.Records.Types;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Driftwood.Engine.Lanes;

/// <summary>The part that finds an import's contested keys before its lanes begin.</summary>
public sealed partial class LaneRunner
{
    /// <summary>Plans that stopped their worker, after which the job is left to one lane.</summary>
    private const int MostPlans = 5;

    // A file is read in steps as short as chunks; only what was found is stored, so whoever claims next begins anew.
    private async Task<LaneResult> PlanAsync(LaneClaim claim, CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        await using var planning = await loader.OpenPlanningAsync(connection, claim.Lane, stopping);
        if (planning is null) return new LaneResult(LaneEnd.Lost);
        await planning.PrepareAsync(connection, stopping);
        var isDone = claim.Attempts > MostPlans;
        while (!isDone)
        {
            if (await HeedControlAsync(connection, claim, stopping) is { } end) return end;
            isDone = await planning.StepAsync(connection, stopping);
        }

        await using var transaction = await connection.BeginTransactionAsync(stopping);
        await SetTimeoutsAsync(connection);
        if (!await LaneTable.LockAsync(connection, claim, claim.Cursor, stopping)) return Lose(claim);
        await RecordSchemaLock.HoldAsync(connection, claim.Lane.AccountId, planning.Type, stopping);
        var plan = claim.Attempts > MostPlans ? planning.Together : planning.Plan;
        var opened = await plan.SaveAsync(connection, claim.Lane, stopping);
        await transaction.CommitAsync(CancellationToken.None);
        LogPlanned(claim.Lane.JobId, plan.Contested?.Length, opened.Count);
        return new LaneResult(LaneEnd.Planned, Opened: opened);
    }

    [LoggerMessage(206, LogLevel.Information, "Job {JobId} planned: {Contested} contested keys, {Lanes} lanes")]
    private partial void LogPlanned(Guid jobId, int? contested, int lanes);
}
