using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Postgres;
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
        var writesFound = plan.Dialect.IsDistributed && plan is { UpdatesMatches: true, IsDryRun: false };
        if (writesFound || plan.Strategy.Matched.Value == MatchedRows.LockAndUpdate)
            (Lock, LostMatches) = (matches.Lock, matches.LostMatches);
        if (plan.Strategy.Order.Value == RowOrder.Linked) (AnyOwner, Owners) = (matches.Owners(all: false), matches.Owners(all: true));
        if (plan.Company is not null) CompanyCandidates = matches.CompanyCandidates;
        if (!plan.IsDryRun)
        {
            (Insert, LogCreated, Update, UpdateByKey) = (records.Insert, records.LogCreated, records.Update, records.UpdateByKey);
        }

        Checks = [.. new CheckSql(plan, matches, changes).All().Select(plan.Dialect.Adapt)];
        if (plan.IsDryRun) Update = dryRun.Update;
        var after = plan.IsDryRun ? dryRun.Keep(records.Values()).Concat(records.DryRunLog) : records.UniqueValues();
        AfterWrites = [.. after.Select(plan.Dialect.Adapt)];
        LogSkipped = records.LogSkipped;
        Outcomes = matches.Outcomes;
        if (plan.Dialect.IsDistributed) Adapt(plan.Dialect);
    }

    private void Adapt(SqlDialect dialect)
    {
        string? Adapted(string? text) => text is null ? null : dialect.Adapt(text);
        (MatchFew, MatchMost, Lock, LostMatches) = (Adapted(MatchFew), Adapted(MatchMost), Adapted(Lock), Adapted(LostMatches));
        (AnyOwner, Owners, CompanyCandidates) = (Adapted(AnyOwner), Adapted(Owners), Adapted(CompanyCandidates));
        (Insert, LogCreated, Update, LogSkipped) = (Adapted(Insert), Adapted(LogCreated), Adapted(Update), Adapted(LogSkipped));
    }

    /// <summary>Reads the wave's rows that SQL refuses: seq, fault, field.</summary>
    public const string Faults = $"select s.seq, s.fault, s.fault_field from stage s where {StageSql.InWave} and s.fault is not null";

    public string? MatchFew { get; private set; }

    public string? MatchMost { get; private set; }

    public string? Lock { get; private set; }

    public string? LostMatches { get; private set; }

    public string? AnyOwner { get; private set; }

    public string? Owners { get; private set; }

    public string? CompanyCandidates { get; private set; }

    public IReadOnlyList<string> Checks { get; }

    public string? Insert { get; private set; }

    public string? LogCreated { get; private set; }

    public string? Update { get; private set; }

    public string? UpdateByKey { get; }

    /// <summary>The data stored beside the records: unique values, or a dry run's state and results.</summary>
    public IReadOnlyList<string> AfterWrites { get; }

    public string? LogSkipped { get; private set; }

    public string Outcomes { get; }
}
