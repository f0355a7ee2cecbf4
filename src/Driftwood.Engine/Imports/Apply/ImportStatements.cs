using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Staging;

namespace Driftwood.Engine.Imports.Apply;

/// <summary>
/// The statements that apply an import's waves, made once when a lane opens. Each is described where it is made. A null statement is
/// not part of the strategy.
/// </summary>
internal sealed class ImportStatements
{
    public ImportStatements(ImportPlan plan)
    {
        var changes = new ChangedValues(plan);
        var dryRun = new DryRunSql(plan, changes);
        var matches = new MatchSql(plan, dryRun);
        var records = new WriteSql(plan, matches, changes);
        (MatchFew, MatchMost) = (matches.Match(mostMatch: false), matches.Match(mostMatch: true));
        if (plan.Strategy.Matched.Value == MatchedRows.LockAndUpdate) (Lock, LostMatches) = (matches.Lock, matches.LostMatches);
        if (plan.Strategy.Order.Value == RowOrder.Linked) (AnyOwner, Owners) = (matches.Owners(all: false), matches.Owners(all: true));
        if (plan.Company is not null) CompanyCandidates = matches.CompanyCandidates;
        if (!plan.IsDryRun)
        {
            (Insert, LogCreated, Update, UpdateByKey) = (records.Insert, records.LogCreated, records.Update, records.UpdateByKey);
        }

        Checks = [.. new CheckSql(plan, matches, changes).All()];
        if (plan.IsDryRun) Update = dryRun.Update;
        AfterWrites = [.. plan.IsDryRun ? dryRun.Keep(records.Values()).Concat(records.DryRunLog) : records.UniqueValues()];
        LogSkipped = records.LogSkipped;
        Outcomes = matches.Outcomes;
    }

    /// <summary>Reads the wave's rows that SQL refuses: seq, fault, field.</summary>
    public const string Faults = $"select s.seq, s.fault, s.fault_field from stage s where {StageSql.InWave} and s.fault is not null";

    public string? MatchFew { get; }

    public string? MatchMost { get; }

    public string? Lock { get; }

    public string? LostMatches { get; }

    public string? AnyOwner { get; }

    public string? Owners { get; }

    public string? CompanyCandidates { get; }

    public IReadOnlyList<string> Checks { get; }

    public string? Insert { get; }

    public string? LogCreated { get; }

    public string? Update { get; }

    public string? UpdateByKey { get; }

    /// <summary>The data stored beside the records: unique values, or a dry run's state and results.</summary>
    public IReadOnlyList<string> AfterWrites { get; }

    public string? LogSkipped { get; }

    public string Outcomes { get; }
}
