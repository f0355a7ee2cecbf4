using System.Text;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Bulk;

public sealed class ItemPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 200;

    // An undo and its undo take longer than the items.
    private const int UndoneOneIn = 3;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly Guid[] _companies = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid[] _sources = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid _foreign = Guid.CreateVersion7();

    [Fact]
    public async Task Items_in_any_chunks_mean_what_they_mean_one_by_one()
    {
        var stranger = await _rig.NewTenantAsync();
        foreach (var type in RecordTypes.BuiltIn)
        {
            await _rig.AddRecordsAsync(
                stranger, type,
                [new PlainRecord { Id = _foreign, Values = { [type == RecordTypes.Contacts ? "last_name" : "name"] = "Foreign" } }]);
        }

        var failures = new List<string>();
        Dictionary<string, int> outcomes = [];
        var unmet = ItemCell.All.ToHashSet();
        var cases = 0;
        foreach (var seed in Cases.Seeds(DefaultCases))
        {
            cases++;
            var given = new ItemCase(seed, _companies, _sources, _foreign);
            if (await CompareAsync(given, outcomes, unmet) is { } difference) failures.Add($"seed {seed}: {given}\n{difference}");
            if (failures.Count >= 3) break;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join(", ", outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}").Order(StringComparer.Ordinal)));
        var untouched = await _rig.ShowRecordsAsync(stranger, RecordTypes.Contacts, new HashSet<Guid> { _foreign });
        Assert.Equal([$"{_foreign} owner/owner last_name=Foreign tags= [] custom={{}} unique=[]"], untouched);
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        if (cases >= DefaultCases) Assert.Empty(unmet);
    }

    /// <summary>Returns null if the engine acted like the oracle.</summary>
    private async Task<string?> CompareAsync(ItemCase given, Dictionary<string, int> outcomes, HashSet<ItemCell> unmet)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, given.Type);
        await SiblingType.AddAsync(_rig, tenant, _foreign);
        if (given.Type.Key != "companies") await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, [.. _companies.Select(Named)]);
        if (given.Type.Key != "sources") await _rig.AddRecordsAsync(tenant, RecordTypes.Sources, [.. _sources.Select(Named)]);
        await _rig.AddRecordsAsync(tenant, given.Type, given.Existing);
        var before = await _rig.DataAsync(tenant);
        var job = await _rig.AddItemsAsync(tenant, given.Type, given.Operation, given.Parameters, [.. given.Json]);
        var options = new LaneOptions { ChunkRows = given.ChunkRows };
        var random = given.IsInterrupted ? new Random(given.InterruptionSeed) : null;
        await new LaneStorm(_rig, tenant, job, 1, options).RunAsync(random);
        var expected = Expected(given, outcomes, unmet);
        var actual = await ActualAsync(given, tenant, job);
        if (expected.SequenceEqual(actual))
        {
            if (given.InterruptionSeed % UndoneOneIn != 0) return null;
            return await _rig.UndoAndRedoAsync(tenant, given.Type, job, 1, options, before, random);
        }

        var text = new StringBuilder();
        foreach (var line in expected.Except(actual)) text.AppendLine("  expected: " + line);
        foreach (var line in actual.Except(expected)) text.AppendLine("  found:    " + line);
        return text.ToString();
    }

    private List<string> Expected(ItemCase given, Dictionary<string, int> seen, HashSet<ItemCell> unmet)
    {
        var records = given.Existing.ConvertAll(record => record.Copy());
        var oracle = new ItemsOneByOne(given.Type, given.Action, given.MatchOn, records, _companies.Concat(_sources).ToHashSet());
        var outcomes = given.Items.Select(oracle.Apply).ToList();
        if (outcomes.Exists(outcome => outcome.Code is null)) unmet.Remove(new ItemCell(given.Action, RandomTypes.FamilyOf(given.Type)));
        foreach (var outcome in outcomes)
        {
            var name = $"{given.Operation} {outcome.Code ?? (outcome.IsCreated ? "created" : "updated")}";
            seen[name] = seen.GetValueOrDefault(name) + 1;
        }

        List<string> expected = [
            Show("completed", null, outcomes.Count(o => o.IsCreated),
                outcomes.Count(o => o is { Code: null, IsCreated: false }) - oracle.Unchanged, oracle.Unchanged,
                outcomes.Count(o => o.Code is not null))];
        foreach (var (index, outcome) in outcomes.Index())
        {
            var record = outcome switch
            {
                { Record: { Id: null } } => "new",
                { Record: { } found } => found.Id.ToString(),
                { Id: not null } => "elsewhere",
                _ => "-",
            };
            expected.Add(FormattableString.Invariant($"{index} {record} {outcome.Code}"));
        }

        expected.AddRange(records.Select(record => record.Show(given.Type)).Order(StringComparer.Ordinal));
        expected.Add(SiblingType.Expected(_foreign));
        return expected;
    }

    private async Task<List<string>> ActualAsync(ItemCase given, Tenant tenant, Guid job)
    {
        var known = given.Existing.Select(record => record.Id!.Value).ToHashSet();
        var state = await _rig.StateAsync(tenant, job);
        var counts = state.Counts;
        List<string> actual = [Show(state.Status, state.Error, counts.Created, counts.Updated, counts.Skipped, counts.Failed)];
        Assert.Equal(0, counts.Deleted);
        actual.AddRange(await _rig.ListAsync(
            $"""
            select t.target_index || ' ' || case when t.record_id is null then '-' when t.record_id = any (@known) then t.record_id::text
                       when exists (select 1 from {given.Type.Table} r where {given.Type.Owned("r", "@account")}
                           and r.id = t.record_id) then 'new' else 'elsewhere' end
                   || ' ' || coalesce(f.code, '')
            from bulk_targets t
            left join target_failures f on f.account_id = t.account_id and f.job_id = t.job_id and f.target_index = t.target_index
                and f.record_id is not distinct from t.record_id
            where t.account_id = @account and t.job_id = @job and t.position = t.target_index + 1 order by t.target_index
            """,
            ("account", tenant.Account), ("job", job), ("known", known.ToArray())));
        actual.AddRange((await _rig.ShowRecordsAsync(tenant, given.Type, known)).Order(StringComparer.Ordinal));
        actual.AddRange(await SiblingType.ShowAsync(_rig, tenant, _foreign));
        actual.AddRange(await _rig.ShowFlawsAsync(tenant, given.Type));
        return actual;
    }

    private static string Show(string status, string? error, long created, long updated, long unchanged, long failed) =>
        FormattableString.Invariant($"{status} {error} created {created} updated {updated} unchanged {unchanged} failed {failed}");

    private static PlainRecord Named(Guid id) => new() { Id = id, Values = { ["name"] = $"Named {id}" } };
}
