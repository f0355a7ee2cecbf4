using System.Collections.Concurrent;
using Driftwood.Engine.Files.Csv;
using Driftwood.Engine.Files.Preview;
using Driftwood.Engine.Imports.Plan;
using Driftwood.Engine.Imports.Suggest;
using Driftwood.Engine.Lanes;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine.Imports.RoundTrip;

/// <summary>
/// What is imported as the preview suggests, and then written in the columns of the file, is the file again. A cell that differs, and a
/// row that is missing, is named by a warning of the preview.
/// </summary>
public sealed class RoundTripTests(EngineDatabase database) : IClassFixture<EngineDatabase>
{
    private const int DefaultCases = 2_000;
    private const int MostFailures = 3;

    private readonly EngineRig _rig = new(database.DataSource);

    [Fact]
    public async Task Any_file_is_the_same_after_import_and_export_but_for_what_a_warning_names()
    {
        var tenant = await _rig.NewTenantAsync();
        ConcurrentBag<string> failures = [];
        await Parallel.ForEachAsync(Cases.Seeds(DefaultCases), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (seed, _) =>
        {
            if (failures.Count >= MostFailures) return;
            var file = new RoundTripFile(seed);
            if (await CompareAsync(tenant, file) is { } difference) failures.Add($"seed {seed}: {file}\n{difference}");
        });

        Assert.True(failures.IsEmpty, string.Join('\n', failures));
    }

    /// <summary>Returns null if the records are the file.</summary>
    private async Task<string?> CompareAsync(Tenant tenant, RoundTripFile file)
    {
        var bytes = file.Table.File();
        var preview = await FilePreview.ReadAsync(
            _ => Task.FromResult<Stream>(new MemoryStream(bytes)), file.Table.Overrides, Known, TestContext.Current.CancellationToken,
            OddCellReport.Markers);
        var columns = MappingSuggester.Suggest(RecordTypes.Contacts, preview.Headers, preview.SampleRows);
        var odd = OddCellReport.Of(RecordTypes.Contacts, preview, columns);
        var named = columns.Take(file.Table.Headers.Length).ToDictionary(column => column.Header, column => column.Field);
        if (!named.All(column => RoundTripFile.Fields[column.Key] == column.Value)) return "mapping " + string.Join(' ', named);
        var spec = new ImportSpec
        {
            ColumnMapping = RoundTripFile.Fields.Where(field => file.Table.Headers.Contains(field.Key)).ToDictionary(),
            MatchOn = "external_id",
            DuplicateStrategy = DuplicateStrategy.Merge,
            TagDelimiter = SuggestedTagDelimiter.Of(RecordTypes.Contacts, preview, columns) ?? ",",
            NullValues = odd.NullValues,
        };
        var job = await _rig.AddImportAsync(
            tenant, RecordTypes.Contacts, spec, [.. preview.Headers], bytes, preview.TotalRows, given: (CsvFormat)preview.Format);
        await new LaneStorm(_rig, tenant, job, 1, new LaneOptions()).RunAsync(null);
        var state = await _rig.StateAsync(tenant, job);
        var failed = file.Table.Overlong.Count + (file.Table.Footer is null ? 0 : 1);
        if (state.Counts.Failed != failed) return $"{state} {string.Join(' ', await _rig.ErrorsAsync(tenant, job))}";
        List<FileWarning> warnings = [.. preview.Warnings, .. odd.Warnings];
        var warned = warnings.Find(warning => warning.Code == "wrong_column_count")?.Count ?? 0;
        if (warned != failed) return $"{failed} failed rows, {warned} in the warning";
        var exported = await ExportAsync(tenant, file, spec.TagDelimiter);
        return Differences(file, exported, warnings) ?? (exported.Count == file.Imported.Count() ? null : $"{exported.Count} records");
    }

    /// <summary>The stored records in the columns of the file, by their external ID.</summary>
    private async Task<Dictionary<string, string[]>> ExportAsync(Tenant tenant, RoundTripFile file, string tagDelimiter)
    {
        var columns = file.Table.Headers.Select(header => RoundTripFile.Fields[header] switch
        {
            "tags" => "array_to_string(tags, @delimiter)",
            var field => $"coalesce({field}::text, '')",
        });
        await using var command = database.DataSource.CreateCommand(
            $"select {string.Join(", ", columns)} from contacts where account_id = @account and external_id like @prefix");
        command.Parameters.AddWithValue("account", tenant.Account);
        command.Parameters.AddWithValue("delimiter", tagDelimiter);
        command.Parameters.AddWithValue("prefix", file.Prefix + "%");
        await using var reader = await command.ExecuteReaderAsync();
        Dictionary<string, string[]> exported = [];
        while (await reader.ReadAsync())
        {
            string[] cells = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];
            exported.Add(cells[0], cells);
        }

        return exported;
    }

    private static string? Differences(RoundTripFile file, Dictionary<string, string[]> exported, List<FileWarning> warnings)
    {
        foreach (var row in file.Imported)
        {
            if (!exported.TryGetValue(row[0], out var cells)) return "missing: " + Csv(row);
            foreach (var (column, header) in file.Table.Headers.Index())
            {
                var (value, warning) = RoundTripFile.Meaning(header, row[column]);
                if (cells[column] != value) return $"{header}: {Csv(row)} became {Csv(cells)}";
                if (warning is not null && !warnings.Exists(found => found.Code == warning && found.Column == header))
                {
                    return $"{header}: no {warning} for {Csv(row)}";
                }
            }
        }

        return null;
    }

    private static string Csv(string[] cells) =>
        string.Join(',', cells.Select(cell => '"' + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + '"'));

    private static int Known(IReadOnlyList<string> cells) =>
        MappingSuggester.Suggest(RecordTypes.Contacts, cells, []).Count(column => column.Confidence >= 0.8);
}
