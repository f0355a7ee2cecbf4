using System.Text;
using Driftwood.Engine.Bulk.Items;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Bulk.Targets;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

public sealed class BulkPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 256; // four cases per cell

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly Guid[] _companies = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid[] _sources = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid _foreign = Guid.CreateVersion7();

    [Fact]
    public async Task Any_operation_in_any_lanes_and_chunks_means_what_it_means_one_by_one()
    {
        var stranger = await _rig.NewTenantAsync();
        foreach (var type in RecordTypes.BuiltIn)
        {
            await _rig.AddRecordsAsync(
                stranger, type,
                [new PlainRecord { Id = _foreign, Values = { [type == RecordTypes.Contacts ? "last_name" : "name"] = "Foreign" } }]);
        }

        var failures = new List<string>();
        var matrix = new BulkMatrix();
        foreach (var seed in matrix.Complete(Cases.Seeds(DefaultCases)))
        {
            var given = new BulkCase(seed, _companies, _sources, _foreign);
            if (await CompareAsync(given, matrix) is { } difference) failures.Add($"seed {seed}: {given}\n{difference}");
            if (failures.Count >= 3) break;
        }

        var untouched = await _rig.ShowRecordsAsync(stranger, RecordTypes.Contacts, new HashSet<Guid> { _foreign });
        Assert.Equal([$"{_foreign} owner/owner last_name=Foreign tags= [] custom={{}} unique=[]"], untouched);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        matrix.RequireAllMet();
    }

    /// <summary>Returns null if the engine acted like the oracle.</summary>
    private async Task<string?> CompareAsync(BulkCase given, BulkMatrix matrix)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, given.Type);
        await SiblingType.AddAsync(_rig, tenant, _foreign);
        if (given.Type.Key != "companies") await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, [.. _companies.Select(Named)]);
        if (given.Type.Key != "sources") await _rig.AddRecordsAsync(tenant, RecordTypes.Sources, [.. _sources.Select(Named)]);
        await _rig.AddRecordsAsync(tenant, given.Type, given.Existing);
        await _rig.AddRecordsAsync(tenant, RecordTypes.Contacts, given.Pointing);
        var before = await _rig.DataAsync(tenant);
        var job = given.Targets.Selecting is { } selecting
            ? await _rig.AddSelectingBulkAsync(tenant, given.Type, given.Bulk.Operation, given.Parameters, selecting, given.Lanes)
            : await _rig.AddBulkAsync(
                tenant, given.Type, given.Bulk.Operation, given.Parameters, [.. given.Targets.Ids.Select(id => id!.Value)], given.Lanes);
        var options = new LaneOptions { ChunkRows = given.ChunkRows };
        var random = given.IsInterrupted ? new Random(given.InterruptionSeed) : null;
        await new LaneStorm(_rig, tenant, job, given.Lanes, options).RunAsync(random);
        var expected = Expected(given, matrix);
        var actual = await ActualAsync(given, tenant, job);
        if (expected.SequenceEqual(actual))
        {
            return await _rig.UndoAndRedoAsync(tenant, given.Type, job, given.Lanes, options, before, random);
        }

        var text = new StringBuilder();
        foreach (var line in expected.Except(actual)) text.AppendLine("  expected: " + line);
        foreach (var line in actual.Except(expected)) text.AppendLine("  found:    " + line);
        return text.ToString();
    }

    private List<string> Expected(BulkCase given, BulkMatrix matrix)
    {
        var records = given.Existing.ConvertAll(record => record.Copy());
        var pointing = given.Pointing.ConvertAll(record => record.Copy());
        var oracle = new BulkOneByOne(given.Type, given.Bulk, records, pointing, _companies.Concat(_sources).ToHashSet());
        var outcomes = given.IsRefused ? [] : given.Targets.Ids.Select(id => oracle.Apply(id ?? Guid.Empty)).ToList();
        matrix.Add(given.Cell, outcomes);
        long failed = outcomes.Count(outcome => outcome is not null);
        List<string> expected = [
            given.IsRefused
                ? Show("failed", "not_unique", given, 0, 0, 0)
                : Show("completed", null, given, outcomes.Count - failed - oracle.Unchanged, oracle.Unchanged, failed)];
        expected.AddRange(outcomes.Index().Select(o => $"{given.Targets.Names[o.Index]} {o.Item}").Order(StringComparer.Ordinal));
        expected.AddRange(records.Select(record => record.Show(given.Type)).Order(StringComparer.Ordinal));
        expected.Add(SiblingType.Expected(_foreign));
        expected.AddRange(pointing.Select(record => record.Show(RecordTypes.Contacts)).Order(StringComparer.Ordinal));
        return expected;
    }

    private async Task<List<string>> ActualAsync(BulkCase given, Tenant tenant, Guid job)
    {
        var known = given.Existing.Concat(given.Pointing).Select(record => record.Id!.Value).ToHashSet();
        var state = await _rig.StateAsync(tenant, job);
        List<string> actual = [
            Show(
                state.Status, state.Error?.Split(':')[0], given, state.Counts.Updated + state.Counts.Deleted, state.Counts.Skipped,
                state.Counts.Failed)];
        Assert.Equal(0, given.Bulk.Operation == "delete" ? state.Counts.Updated : state.Counts.Deleted);
        var results = await _rig.ResultsAsync(tenant, job);
        Assert.Equal(results.Where(result => result.Code is not null), await _rig.ResultsAsync(tenant, job, TargetOutcome.Failed));
        Assert.Equal(results.Where(result => result.Code is null), await _rig.ResultsAsync(tenant, job, TargetOutcome.Succeeded));
        actual.AddRange(results.Select(result => $"{NameOf(given, result)} {result.Code}").Order(StringComparer.Ordinal));
        actual.AddRange((await _rig.ShowRecordsAsync(tenant, given.Type, known)).Order(StringComparer.Ordinal));
        actual.AddRange(await SiblingType.ShowAsync(_rig, tenant, _foreign));
        actual.AddRange(await _rig.ShowFlawsAsync(tenant, given.Type));
        if (given.Type.Key != "contacts")
        {
            actual.AddRange((await _rig.ShowRecordsAsync(tenant, RecordTypes.Contacts, known)).Order(StringComparer.Ordinal));
        }
        return actual;
    }

    private static string NameOf(BulkCase given, TargetResult result) => given.Targets.Selecting switch
    {
        null => $"{result.Index} {result.EntityId}",
        { ExternalIds: not null } => $"{result.Index} {result.EntityId} {result.ExternalId}",
        _ => $"{result.EntityId}",
    };

    private static string Show(string status, string? error, BulkCase given, long changed, long unchanged, long failed) =>
        FormattableString.Invariant($"{status} {error} {given.Bulk.Operation} changed {changed} unchanged {unchanged} failed {failed}");

    private static PlainRecord Named(Guid id) => new() { Id = id, Values = { ["name"] = $"Name {id}" } };
}
