using System.Globalization;
using System.Text;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Lanes;

namespace Driftwood.Tests.Engine.Bulk;

/// <summary>Two jobs run at once over the same records.</summary>
public sealed class PairPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 100;

    private readonly EngineRig _rig = new(database.DataSource);
    private int _likeOneFirst;
    private int _likeTwoFirst;

    [Fact]
    public async Task Each_record_and_its_outcomes_are_as_one_of_the_two_orders_leaves_them()
    {
        List<string> failures = [];
        var cases = 0;
        foreach (var seed in Cases.Seeds(DefaultCases))
        {
            cases++;
            var given = new PairCase(seed);
            if (await RunAsync(given) is { Length: > 0 } difference) failures.Add($"seed {seed}: {given}\n{difference}");
            if (failures.Count >= 3) break;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"records that tell the orders apart: {_likeOneFirst} and {_likeTwoFirst}"));
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        // If one job always came first, the test tried nothing.
        if (cases >= DefaultCases) Assert.True(_likeOneFirst > 0 && _likeTwoFirst > 0, $"{_likeOneFirst} and {_likeTwoFirst}");
    }

    /// <summary>Describes the differences; empty if there are none.</summary>
    private async Task<string> RunAsync(PairCase given)
    {
        var tenant = await _rig.NewTenantAsync();
        foreach (var type in given.World.Types) await _rig.AddTypeAsync(tenant, type);
        // Contacts come last, because they point to the other records.
        foreach (var type in given.World.Types.OrderBy(type => type.Key == "contacts"))
        {
            await _rig.AddRecordsAsync(tenant, type, given.World[type]);
        }
        var random = given.IsInterrupted ? new Random(given.InterruptionSeed) : null;
        PairRun[] runs = [new(given.One, await given.One.AddAsync(_rig, tenant)), new(given.Two, await given.Two.AddAsync(_rig, tenant))];
        await Task.WhenAll(runs.Select(run =>
            new LaneStorm(_rig, tenant, run.Id, run.Job.Lanes, new LaneOptions { ChunkRows = run.Job.ChunkRows })
                .RunAsync(random is null ? null : new Random(random.Next()))));
        foreach (var run in runs) await run.ReadAsync(_rig, tenant);
        var found = await given.World.ReadAsync(_rig, tenant);
        var text = new StringBuilder();
        foreach (var flaw in await _rig.ShowFlawsAsync(tenant, given.One.Type)) text.AppendLine($"  {flaw}");
        foreach (var fault in Miscounted(given, runs, found)) text.AppendLine($"  {fault}");
        foreach (var fault in Misfound(given, runs[0], runs[1]).Concat(Misfound(given, runs[1], runs[0]))) text.AppendLine($"  {fault}");
        Compare(given, runs, found, text);
        return text.ToString();
    }

    private void Compare(PairCase given, PairRun[] runs, Dictionary<string, string> found, StringBuilder text)
    {
        var actual = Join(found, runs, runs.Select(run => run.Results.Select(result => result.Code)));
        var oneFirst = Expected(given, runs, [0, 1]);
        var twoFirst = Expected(given, runs, [1, 0]);
        foreach (var name in actual.Keys.Union(oneFirst.Keys).Union(twoFirst.Keys))
        {
            string Of(Dictionary<string, string> records) => records.GetValueOrDefault(name, "- | - | -");
            var (likeOneFirst, likeTwoFirst) = (Of(actual) == Of(oneFirst), Of(actual) == Of(twoFirst));
            if (likeOneFirst && !likeTwoFirst) _likeOneFirst++;
            if (likeTwoFirst && !likeOneFirst) _likeTwoFirst++;
            if (!likeOneFirst && !likeTwoFirst)
            {
                text.AppendLine($"  {name}\n    one first: {Of(oneFirst)}\n    two first: {Of(twoFirst)}\n    found:     {Of(actual)}");
            }
        }
    }

    private static Dictionary<string, string> Expected(PairCase given, PairRun[] runs, int[] order)
    {
        var world = given.World.Copy();
        var outcomes = new IReadOnlyList<string?>[2];
        foreach (var n in order) outcomes[n] = runs[n].Job.Apply(world, runs[n].Results);
        return Join(world.Show(), runs, outcomes);
    }

    /// <summary>Joins each record with its outcome as a target of either job.</summary>
    private static Dictionary<string, string> Join(
        Dictionary<string, string> records, PairRun[] runs, IEnumerable<IEnumerable<string?>> outcomes)
    {
        var told = runs.Zip(
            outcomes, (run, ofRun) =>
            run.Results.Zip(ofRun).ToDictionary(target => run.Job.NameOf(target.First), target => target.Second ?? "done")).ToArray();
        return records.Keys.Union(told[0].Keys).Union(told[1].Keys).ToDictionary(
            name => name, name =>
                $"{records.GetValueOrDefault(name, "-")} | {told[0].GetValueOrDefault(name, "-")} | "
                + $"{told[1].GetValueOrDefault(name, "-")}");
    }

    private static IEnumerable<string> Miscounted(PairCase given, PairRun[] runs, Dictionary<string, string> found)
    {
        foreach (var (job, state, results) in runs.Select(run => (run.Job, run.State, run.Results)))
        {
            var failed = results.Count(result => result.Code is not null);
            if (state.Status != "completed" || state.Processed != results.Count || state.Counts.Failed != failed)
            {
                yield return $"{job}: {state}, but {results.Count} results, {failed} failed";
            }
        }

        var known = given.World.Show().Keys.ToHashSet();
        var (made, gone) = (found.Keys.Count(name => !known.Contains(name)), known.Count(name => !found.ContainsKey(name)));
        var (created, deleted) = (runs.Sum(run => run.State.Counts.Created), runs.Sum(run => run.State.Counts.Deleted));
        if (made != created || gone != deleted)
        {
            yield return $"{created} created and {deleted} deleted, but {made} records are new and {gone} gone";
        }
    }

    /// <summary>A job must freeze the targets of one moment, with or without the changes of the other job to a record.</summary>
    private static IEnumerable<string> Misfound(PairCase given, PairRun run, PairRun other)
    {
        var after = given.World.Copy();
        other.Job.Apply(after, other.Results);
        var frozen = run.Results.Select(result => result.EntityId).ToHashSet();
        foreach (var record in given.World[run.Job.Type])
        {
            if (run.Job.Finds(record) is not { } before) yield break;
            var then = after[run.Job.Type].Find(left => left.Id == record.Id) is { } left && run.Job.Finds(left) == true;
            if (before == then && frozen.Contains(record.Id) != before)
            {
                yield return $"{run.Job}: {record.Id} {(before ? "was not found" : "was found")}";
            }
        }
    }

    /// <summary>One of the two jobs and its run.</summary>
    private sealed class PairRun(PairedJob job, Guid id)
    {
        public PairedJob Job => job;

        public Guid Id => id;

        public JobState State { get; private set; } = new("", null, 0, default);

        public List<TargetResult> Results { get; private set; } = [];

        public async Task ReadAsync(EngineRig rig, Tenant tenant)
        {
            State = await rig.StateAsync(tenant, id);
            Results = await rig.ResultsAsync(tenant, id);
        }
    }
}
