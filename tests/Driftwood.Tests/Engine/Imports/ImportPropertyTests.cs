using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.FieldTypes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports;

/// <summary>
/// Imports mean what they mean row by row. Several classes share the cases, so that these are tested side by side. A seed belongs to one
/// of the classes.
/// </summary>
public abstract class ImportPropertyTests : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 4_000;
    private const int Parts = 4;
    private const int MostFailures = 3;

    // An undo and its undo take longer than the import. UndoPropertyTests has more of them.
    private const int UndoneOneIn = 10;

    private readonly EngineRig _rig;
    private readonly int _part;
    private readonly Guid[] _companies = [Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid[] _sources = [Guid.CreateVersion7(), Guid.CreateVersion7()];
    private readonly Guid _foreign = Guid.CreateVersion7();
    private protected ImportPropertyTests(EngineDatabase database, int part) => (_rig, _part) = (new EngineRig(database.DataSource), part);

    [Fact]
    public async Task Any_file_in_any_lanes_and_chunks_means_what_it_means_row_by_row()
    {
        var stranger = await _rig.NewTenantAsync();
        await _rig.AddRecordsAsync(stranger, RecordTypes.Companies, [Named(_foreign)]);
        ConcurrentBag<string> failures = [];
        // Most of a case is waiting for the database. Each case has its own account.
        var seeds = Cases.Seeds(DefaultCases).Where((_, index) => index % Parts == _part);
        await Parallel.ForEachAsync(seeds, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (seed, _) =>
        {
            if (failures.Count >= MostFailures) return;
            var given = new ImportCase(seed, _companies, _sources, _foreign);
            if (await CompareAsync(given) is { } difference) failures.Add($"seed {seed}: {given}\n{difference}");
        });

        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    /// <summary>Returns null if the engine acted like the oracle.</summary>
    private async Task<string?> CompareAsync(ImportCase given)
    {
        var tenant = await _rig.NewTenantAsync();
        await _rig.AddTypeAsync(tenant, given.Type);
        await SiblingType.AddAsync(_rig, tenant, _foreign);
        if (given.Type.Key == RecordTypes.Contacts.Key)
        {
            await _rig.AddTypeAsync(tenant, given.CompanyType);
            await _rig.AddRecordsAsync(tenant, RecordTypes.Companies, given.Companies);
            await _rig.AddRecordsAsync(tenant, RecordTypes.Sources, [.. _sources.Select(Named)]);
        }

        await _rig.AddRecordsAsync(tenant, given.Type, given.Existing);
        var file = given.Csv();
        var known = given.Existing.Select(record => record.Id!.Value).ToHashSet();
        var (outcomes, records, ends) = Expected(given);
        var data = await _rig.DataAsync(tenant);
        if (given.HasDryRun && await FindDryRunFaultAsync(tenant, given, file, outcomes, ends) is { } untrue) return untrue;
        var (job, actual) = await RunAsync(tenant, given, given.Spec, file);
        var names = await MadeCompaniesAsync(tenant);
        actual.AddRange(
            (await _rig.ShowRecordsAsync(tenant, given.Type, known)).Select(shown => WithNames(shown, names))
            .Order(StringComparer.Ordinal));
        if (given.Type.Companies is not null)
        {
            var companies = await _rig.ShowRecordsAsync(tenant, given.CompanyType, _companies.ToHashSet());
            actual.AddRange(companies.Select(shown => Settled(given, shown)).Order(StringComparer.Ordinal));
        }

        actual.AddRange(await SiblingType.ShowAsync(_rig, tenant, _foreign));
        actual.AddRange(await _rig.ShowFlawsAsync(tenant, given.Type));
        List<string> expected = [.. outcomes, .. records];
        if (!expected.SequenceEqual(actual)) return Difference(given, expected, actual);
        var results = await _rig.ImportResultsAsync(tenant, given.Type, job, pageSize: 1 + (given.Rows.Count / 3));
        if (!ends.SequenceEqual(results)) return "results: " + Difference(given, ends, results);
        if (given.HasReceipt && await FindReceiptFaultAsync(tenant, given, job, file, ends) is { } fault) return "receipt: " + fault;
        if (given.InterruptionSeed % UndoneOneIn != 0) return null;
        var random = given.IsInterrupted ? new Random(given.InterruptionSeed) : null;
        var options = new LaneOptions { ChunkRows = given.ChunkRows };
        return await _rig.UndoAndRedoAsync(tenant, given.Type, job, given.Lanes, options, data, random) is { } difference
            ? difference + Difference(given, expected, actual)
            : null;
    }

    /// <summary>Makes a dry run, which must report the same as the import, and change nothing.</summary>
    private async Task<string?> FindDryRunFaultAsync(
        Tenant tenant, ImportCase given, byte[] file, List<string> outcomes, List<string> ends)
    {
        var before = await _rig.StoredAsync(tenant);
        var (dryRun, foreseen) = await RunAsync(tenant, given, given.Spec with { DryRun = true }, file);
        if (!outcomes.SequenceEqual(foreseen)) return "dry run: " + Difference(given, outcomes, foreseen);
        var foreseenEnds = await _rig.ImportResultsAsync(tenant, given.Type, dryRun, pageSize: 20, isDryRun: true);
        List<string> without = [.. ends.Select(end => end.Replace(" makes", "", StringComparison.Ordinal)
            .Replace(" links", "", StringComparison.Ordinal))];
        if (!without.SequenceEqual(foreseenEnds)) return "results of the dry run: " + Difference(given, without, foreseenEnds);
        var after = await _rig.StoredAsync(tenant);
        return before.SequenceEqual(after) ? null : "dry run wrote: " + Difference(given, before, after);
    }

    /// <summary>Compares the receipt with the file's cells as they were generated, and with what becomes of each row.</summary>
    private async Task<string?> FindReceiptFaultAsync(Tenant tenant, ImportCase given, Guid job, byte[] file, List<string> ends)
    {
        var columns = given.Headers.Length;
        var links = given.Spec.LinkCompanies != LinkCompanies.None;
        var ours = links ? 8 : 6;
        var lines = await _rig.ReceiptAsync(tenant, given.Type, job, given.Headers, given.Format, file, links);
        var told = lines.ConvertAll(line => TitleCase(line, columns) + EngineRig.CompanyOf(links ? line[columns + 7] : null));
        if (!ends.SequenceEqual(told)) return Difference(given, ends, told);
        // A file in UTF-8 must not contain NUL.
        var cells = given.Rows.ConvertAll(row => Cells(
            [.. row.Select(cell => cell.Replace('\0', '\uFFFD')), .. Enumerable.Repeat("", Math.Max(0, columns - row.Length))]));
        var kept = lines.ConvertAll(line => Cells([.. line.Take(columns).Concat(line.Skip(columns + ours)).Select(PlainCsv.Unguarded)]));
        if (!cells.SequenceEqual(kept)) return Difference(given, cells, kept);
        var without = await _rig.ReceiptAsync(tenant, given.Type, job, given.Headers, given.Format, file: null, links);
        List<string> own = [.. lines.Select(line => Cells([.. line.Skip(columns).Take(ours)]))];
        var alone = without.ConvertAll(Cells);
        return own.SequenceEqual(alone) ? null : Difference(given, own, alone);

        static string Cells(string[] line) => string.Join('|', line);
        static string TitleCase(string[] line, int own) =>
            $"{line[own]} {char.ToUpperInvariant(line[own + 1][0])}{line[own + 1][1..]} {line[own + 4]}";
    }

    /// <summary>Imports the file. Returns the job and its report.</summary>
    private async Task<(Guid Job, List<string> Report)> RunAsync(Tenant tenant, ImportCase given, ImportSpec spec, byte[] file)
    {
        var job = await _rig.AddImportAsync(tenant, given.Type, spec, given.Headers, file, given.Rows.Count, given.Lanes, given.Format);
        var storm = new LaneStorm(_rig, tenant, job, given.Lanes, new LaneOptions { ChunkRows = given.ChunkRows });
        await storm.RunAsync(given.IsInterrupted ? new Random(given.InterruptionSeed) : null);
        var state = await _rig.StateAsync(tenant, job);
        return (job, [$"{state.Status} {state.Error} {Show(state.Counts)}", .. await _rig.ErrorsAsync(tenant, job),
            .. await _rig.WarningsAsync(tenant, job)]);
    }

    /// <summary>The expected report of the job, the expected records afterwards, and what becomes of each row.</summary>
    private (List<string> Outcomes, List<string> Records, List<string> Ends) Expected(ImportCase given)
    {
        var companies = new RowByRowCompanies(given.CompanyType, [.. given.Companies.Select(company => company.Copy())], given.Spec);
        var oracle = new RowByRowImport(
            given.Type, given.Spec, given.Format, given.Headers, [.. given.Existing.Select(record => record.Copy())],
            _companies.Concat(_sources).ToHashSet(), companies);
        List<RowOutcome> outcomes = [.. given.Rows.Select(oracle.Apply)];
        long Count(RowEnd end) => outcomes.Count(outcome => outcome.End == end);
        var counts = new LaneCounts(
            Count(RowEnd.Created), Count(RowEnd.Updated), 0,
            Count(RowEnd.Unchanged) + Count(RowEnd.Skipped), Count(RowEnd.Failed))
        { Warned = outcomes.Count(outcome => outcome.IsWarned) };
        List<string> told = [$"completed  {Show(counts)}"];
        foreach (var (index, outcome) in outcomes.Index().Where(o => o.Item.End == RowEnd.Failed))
        {
            told.Add(string.Create(CultureInfo.InvariantCulture, $"{index + 1} {outcome.Code} {outcome.Field ?? "-"}"));
        }

        told.AddRange(
            outcomes.Index().Where(o => o.Item.IsWarned)
            .Select(o => string.Create(CultureInfo.InvariantCulture, $"{o.Index + 1} {o.Item.Code} {o.Item.Field}")));
        var names = companies.Made.ToDictionary(companies.StandIn, company => ShowMade(company["name"]!, company["domain"]));
        return (told, [
            .. oracle.Records.Select(record => WithNames(record.Show(given.Type), names)).Order(StringComparer.Ordinal),
            .. companies.Companies.Where(_ => given.Type.Companies is not null)
                .Select(company => Settled(given, company.Show(given.CompanyType))).Order(StringComparer.Ordinal),
            SiblingType.Expected(_foreign),
        ],
        [.. outcomes.Index().Select(o => FormattableString.Invariant(
            $"{o.Index + 1} {o.Item.End} {(o.Item.End == RowEnd.Failed ? o.Item.Code : null)}{EngineRig.CompanyOf(o.Item.Company)}"))]);
    }

    /// <summary>The companies that the import made, by id. Ids cannot be predicted, so names and domains identify the companies.</summary>
    private async Task<Dictionary<Guid, string>> MadeCompaniesAsync(Tenant tenant)
    {
        var shown = await _rig.ListAsync(
            """
            select id || ' ' || name || '|' || coalesce(domain, '') from companies
            where account_id = @account and created_by = @worker and id <> all (@before)
            """,
            ("account", tenant.Account), ("worker", tenant.Worker), ("before", _companies));
        return shown.ToDictionary(line => Guid.Parse(line[..36]), line => "made " + line[37..]);
    }

    // Whether a company was written that has the same values in the end depends on how the rows fall into chunks.
    private static string Settled(ImportCase given, string shown)
    {
        var untouched = shown.Replace(" owner/job ", " owner/owner ", StringComparison.Ordinal);
        return given.Companies.Any(company => company.Show(given.CompanyType) == untouched) ? untouched : shown;
    }

    private static string ShowMade(string name, string? domain) => $"made {name}|{domain}";

    private static string WithNames(string shown, Dictionary<Guid, string> names) =>
        names.Aggregate(shown, (text, made) => text.Replace(made.Key.ToString(), made.Value, StringComparison.Ordinal));

    private static PlainRecord Named(Guid id) => new() { Id = id, Values = { ["name"] = $"Name {id}" } };

    private static string Show(LaneCounts counts) =>
        $"created {counts.Created} updated {counts.Updated} skipped {counts.Skipped} failed {counts.Failed} warned {counts.Warned}";

    private static string Difference(ImportCase given, List<string> expected, List<string> actual)
    {
        var text = new StringBuilder().AppendLine(string.Join(" | ", given.Headers));
        foreach (var (index, row) in given.Rows.Index())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {index + 1}: {string.Join(" | ", row.Select(Short))}");
        }
        foreach (var record in given.Existing) text.AppendLine("  before: " + Short(record.Show(given.Type)));
        foreach (var line in expected.Except(actual)) text.AppendLine("  expected: " + Short(line));
        foreach (var line in actual.Except(expected)) text.AppendLine("  found:    " + Short(line));
        return text.ToString();
    }

    private static string Short(string text) => text.Length <= 400 ? text : text[..400] + "…";
}

public sealed class ImportProperty1Tests(EngineDatabase database) : ImportPropertyTests(database, 0);

public sealed class ImportProperty2Tests(EngineDatabase database) : ImportPropertyTests(database, 1);

public sealed class ImportProperty3Tests(EngineDatabase database) : ImportPropertyTests(database, 2);

public sealed class ImportProperty4Tests(EngineDatabase database) : ImportPropertyTests(database, 3);
