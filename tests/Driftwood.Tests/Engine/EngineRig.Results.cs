using System.Text;
using Driftwood.Engine.Bulk.Results;
using Driftwood.Engine.Files;
using Driftwood.Engine.Imports.Outcomes;
using Driftwood.Engine.Imports.Receipts;
using Driftwood.Engine.Records.Types;

namespace Driftwood.Tests.Engine;

/// <summary>This part reads the outcomes of the targets of bulk jobs and of the rows of imports.</summary>
internal sealed partial class EngineRig
{
    /// <summary>Reads all results of a job, page by page. They must come in the order of their indexes.</summary>
    /// <param name="tenant">The job's account.</param>
    /// <param name="job">A job whose lanes do not run.</param>
    /// <param name="outcome">The outcome of the targets to read; null for all.</param>
    /// <param name="limit">The length of a page.</param>
    public async Task<List<TargetResult>> ResultsAsync(Tenant tenant, Guid job, TargetOutcome? outcome = null, int limit = 7)
    {
        var results = new BulkResults(database);
        List<TargetResult> all = [];
        for (long? place = BulkResults.Start; place is not null;)
        {
            var page = await results.ReadAsync(tenant.Account, job, outcome, place.Value, limit, CancellationToken.None);
            Assert.InRange(page.Items.Count, 0, limit);
            all.AddRange(page.Items);
            place = page.Next;
        }

        Assert.Equal(all.Select(result => result.Index).Order().Distinct(), all.Select(result => result.Index));
        return all;
    }

    /// <summary>
    /// The outcome of each row of an import as "row outcome code", read page by page. The counters, the pages of each outcome, and the
    /// records that rows name must agree with it.
    /// </summary>
    public async Task<List<string>> ImportResultsAsync(
        Tenant tenant, RecordType type, Guid job, int pageSize, bool isDryRun = false)
    {
        var all = await ReadAsync(null);
        var counts = (await StateAsync(tenant, job)).Counts;
        Dictionary<ImportOutcome, int> told = [];
        foreach (var outcome in Enum.GetValues<ImportOutcome>())
        {
            var some = await ReadAsync(outcome);
            told[outcome] = some.Count;
            Assert.Equal(
                all.Where(result => result.Outcome == outcome).Select(result => result.RowNumber), some.Select(result => result.RowNumber));
        }

        Assert.Equal(
            (counts.Created, counts.Updated, counts.Skipped, counts.Failed),
            (told[ImportOutcome.Created], told[ImportOutcome.Updated], told[ImportOutcome.Unchanged] + told[ImportOutcome.Skipped],
                told[ImportOutcome.Failed]));

        var named = all.Where(result => result.RecordId is not null).Select(result => result.RecordId!.Value).ToHashSet();
        var created = all.Where(result => result.Outcome == ImportOutcome.Created).ToList();
        Assert.Equal(isDryRun ? Math.Min(1, created.Count) : created.Count, created.Select(result => result.RecordId).Distinct().Count());
        Assert.All(all, result =>
        {
            if (result.Outcome == ImportOutcome.Failed) Assert.Null(result.RecordId);
            if (result.Outcome is ImportOutcome.Updated or ImportOutcome.Unchanged && !isDryRun) Assert.NotNull(result.RecordId);
            if (result.Outcome != ImportOutcome.Updated) Assert.Null(result.Changed);
            Assert.Equal(result.Changed, result.Values?.Select(value => value.Field));
        });
        var found = await ListAsync(
            $"select count(*)::text from {type.Table} r where {type.Owned("r", "@account")} and r.id = any (@ids)",
            ("account", tenant.Account), ("ids", named.ToArray()));
        Assert.Equal($"{named.Count}", found[0]);
        return all.ConvertAll(result => FormattableString.Invariant(
            $"{result.RowNumber} {result.Outcome} {result.Code}{CompanyOf(result.Company?.Outcome.ToString())}"));

        async Task<List<ImportResult>> ReadAsync(ImportOutcome? outcome)
        {
            var results = new ImportResults(database);
            List<ImportResult> read = [];
            for (long? place = 0; place is not null;)
            {
                var page = await results.ReadAsync(
                    type, tenant.Account, job, outcome, withValues: true, place.Value, pageSize, CancellationToken.None);
                Assert.InRange(page.Items.Count, 0, pageSize);
                read.AddRange(page.Items);
                place = page.Next;
            }

            return read;
        }
    }

    /// <summary>Shows whether a row made the company that it is linked with. Which of several rows changed it is not told.</summary>
    public static string CompanyOf(string? outcome) =>
        string.IsNullOrEmpty(outcome) ? "" : outcome.Equals("created", StringComparison.OrdinalIgnoreCase) ? " makes" : " links";

    /// <summary>
    /// Writes the receipt of an import and reads it with a parser of its own. Each line has the file's cells and then those of the receipt.
    /// A line that says nothing of a later row is the last of its record.
    /// </summary>
    public async Task<List<string[]>> ReceiptAsync(
        Tenant tenant, RecordType type, Guid job, IReadOnlyList<string> headers, FileFormat format, byte[]? file,
        bool linksCompanies = false)
    {
        using var written = new MemoryStream();
        OpenFile? open = file is null ? null : _ => Task.FromResult<Stream>(new MemoryStream(file));
        var source = new ReceiptSource(tenant.Account, job, type, headers, format, linksCompanies, open);
        await new ImportReceipt(database).WriteAsync(source, written, CancellationToken.None);
        var lines = PlainCsv.Read(Encoding.UTF8.GetString(written.ToArray()).TrimStart('\uFEFF'));
        var columns = file is null ? 0 : headers.Count;
        string[] ofCompany = linksCompanies ? ["_company_id", "_company_outcome"] : [];
        Assert.Equal(["_row", "_outcome", "_record_id", "_changed", "_code", "_message", .. ofCompany], lines[0][columns..]);
        lines.RemoveAt(0);
        var changed = lines.Where(line => line[columns + 1] is "created" or "updated" && line[columns + 2].Length > 0);
        foreach (var record in changed.GroupBy(line => line[columns + 2]))
        {
            string[] rows = [.. record.Select(line => line[columns])];
            var later = rows.Skip(1).Select(row => $"Row {row} of the file changed the record again.").Append("");
            Assert.Equal(later, record.Select(line => line[columns + 5]));
        }

        return lines;
    }
}
