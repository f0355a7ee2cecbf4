using System.Globalization;
using System.Text;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records;

namespace Driftwood.Tests.Engine.Imports;

public sealed class ImportPropertyTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 300;

    private readonly EngineRig _rig = new(database.DataSource);
    private readonly Guid[] _companies = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid[] _sources = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid _foreign = Guid.CreateVersion7();

    [Fact]
    public async Task Any_file_in_any_lanes_and_chunks_means_what_it_means_row_by_row()
    {
        var stranger = await _rig.NewTenantAsync();
        await _rig.AddRecordsAsync(stranger, RecordTypes.Companies, [Named(_foreign)]);
        var failures = new List<string>();
        foreach (var seed in Cases.Seeds(DefaultCases))
        {
            var given = new ImportCase(seed, _companies, _sources, _foreign);
            if (await CompareAsync(given) is { } difference) failures.Add($"seed {seed}: {given}\n{difference}");
            if (failures.Count >= 3) break;
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    /// <summary>Null when the engine did as the oracle.</summary>
    private async Task<string?> CompareAsync(ImportCase given)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, given.Type);
        await SiblingType.AddAsync(_rig, tenant, _foreign);
        if (given.Type.Key == RecordTypes.Contacts.Key)
        {
            await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, [.. _companies.Select(Named)]);
            await _rig.AddRecordsAsync(tenant, RecordTypes.Sources, [.. _sources.Select(Named)]);
        }

        await _rig.AddRecordsAsync(tenant, given.Type, given.Existing);
        var job = await _rig.AddImportAsync(tenant, given.Type, given.Spec, given.Headers, given.Csv(), given.Rows.Count, given.Lanes);
        var storm = new LaneStorm(_rig, tenant, job, given.Lanes, new LaneOptions { ChunkRows = given.ChunkRows });
        await storm.RunAsync(given.IsInterrupted ? new Random(given.InterruptionSeed) : null);
        var known = given.Existing.Select(record => record.Id!.Value).ToHashSet();
        var expected = Expected(given);
        var state = await _rig.StateAsync(tenant, job);
        List<string> actual = [$"{state.Status} {state.Error} {Show(state.Counts)}", .. await _rig.ErrorsAsync(tenant, job)];
        actual.AddRange((await _rig.ShowRecordsAsync(tenant, given.Type, known)).Order(StringComparer.Ordinal));
        actual.AddRange(await SiblingType.ShowAsync(_rig, tenant, _foreign));
        actual.AddRange(await _rig.ShowFlawsAsync(tenant, given.Type));
        return expected.SequenceEqual(actual) ? null : Difference(given, expected, actual);
    }

    private List<string> Expected(ImportCase given)
    {
        var oracle = new RowByRowImport(given.Type, given.Spec, given.Headers, [.. given.Existing.Select(record => record.Copy())], _companies.Concat(_sources).ToHashSet());
        List<RowOutcome> outcomes = [.. given.Rows.Select(oracle.Apply)];
        long Count(RowEnd end) => outcomes.Count(outcome => outcome.End == end);
        var counts = new LaneCounts(Count(RowEnd.Created), Count(RowEnd.Updated), 0, Count(RowEnd.Skipped), Count(RowEnd.Failed));
        List<string> expected = [$"completed  {Show(counts)}"];
        foreach (var (index, outcome) in outcomes.Index().Where(o => o.Item.End == RowEnd.Failed))
        {
            expected.Add(string.Create(CultureInfo.InvariantCulture, $"{index + 1} {outcome.Code} {outcome.Field ?? "-"}"));
        }

        expected.AddRange(oracle.Records.Select(record => record.Show(given.Type)).Order(StringComparer.Ordinal));
        expected.Add(SiblingType.Expected(_foreign));
        return expected;
    }

    private static PlainRecord Named(Guid id) => new() { Id = id, Values = { ["name"] = $"Name {id}" } };

    private static string Show(LaneCounts counts) => $"created {counts.Created} updated {counts.Updated} skipped {counts.Skipped} failed {counts.Failed}";

    private static string Difference(ImportCase given, List<string> expected, List<string> actual)
    {
        var text = new StringBuilder().AppendLine(string.Join(" | ", given.Headers));
        foreach (var (index, row) in given.Rows.Index()) text.AppendLine(CultureInfo.InvariantCulture, $"  {index + 1}: {string.Join(" | ", row.Select(Short))}");
        foreach (var record in given.Existing) text.AppendLine("  before: " + Short(record.Show(given.Type)));
        foreach (var line in expected.Except(actual)) text.AppendLine("  expected: " + Short(line));
        foreach (var line in actual.Except(expected)) text.AppendLine("  found:    " + Short(line));
        return text.ToString();
    }

    private static string Short(string text) => text.Length <= 400 ? text : text[..400] + "…";
}
