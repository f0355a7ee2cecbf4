using System.Text.Json;

namespace Driftwood.FaultTests.Campaign;

/// <summary>An import of a random file, or a dry run of one.</summary>
internal sealed class ImportWork : Work
{
    private readonly string[] _columns;
    private readonly ImportTerms _terms;
    private readonly IReadOnlyList<string[]> _rows;
    private readonly ImportOutcome _outcome;
    private readonly bool _isDry;
    private Guid? _upload;

    private ImportWork(
        string[] columns, ImportTerms terms, IReadOnlyList<string[]> rows, ContactBook before, bool isDry, Guid? upload = null)
    {
        (_columns, _terms, _rows, _isDry, _upload) = (columns, terms, rows, isDry, upload);
        var book = before.Copy();
        var oracle = new ImportOracle(terms, columns, book);
        oracle.Apply(rows);
        _outcome = oracle.Outcome;
        After = isDry ? before : book;
    }

    public override string Name =>
        $"{(_isDry ? "dry run" : "import")} of {Rows} rows, {_terms.Strategy} {_terms.Mode} on "
            + $"{_terms.MatchOn}{(_columns.Length > 4 ? ", contested" : "")}";

    public override int Rows => _rows.Count;

    public override ContactBook After { get; }

    public override int Created => _isDry ? 0 : _outcome.Created;

    public override string GetRoute => "imports-get";

    /// <summary>Says whether an import of the same file can follow.</summary>
    public bool IsDry => _isDry;

    public static ImportWork Make(Random random, ContactBook book, People people, int count)
    {
        var withExternalIds = random.Next(3) > 0;
        string[] columns = withExternalIds ? ["email", "external_id", "first_name", "city", "tags"]
            : ["email", "first_name", "city", "tags"];
        string[] strategies = ["skip", "merge", "merge", "overwrite"];
        string[] modes = ["upsert", "upsert", "create_only", "update_only"];
        var (strategy, mode) = (strategies[random.Next(strategies.Length)], modes[random.Next(modes.Length)]);
        if (strategy == "skip" && mode == "update_only") mode = "upsert";
        var terms = new ImportTerms(
            strategy, mode, withExternalIds && random.Next(4) == 0 ? "external_id" : "email", random.Next(3) == 0 ? people.Tags() : []);
        return new ImportWork(
            columns, terms, ImportRows.Make(random, book, people, count, withExternalIds), book, isDry: random.Next(7) == 0);
    }

    /// <summary>Makes an import without anything that could fail, for workers that know no failures.</summary>
    public static ImportWork MakePlain(Random random, ContactBook book, People people, int count) => new(
        ["email", "first_name", "city", "tags"], new ImportTerms("merge", "upsert", "email", []),
            ImportRows.Make(random, book, people, count, withExternalIds: false, onlyGood: true), book, isDry: false);

    /// <summary>Makes the import itself from a dry run that has ended. It uses the same upload.</summary>
    public ImportWork InEarnest(ContactBook before) => new(_columns, _terms, _rows, before, isDry: false, _upload);

    public override async Task<Guid> StartAsync(Caller caller)
    {
        _upload ??= await UploadAsync(caller);
        var job = await caller.PostAsync("imports-confirm", new
        {
            id = _upload,
            column_mapping = _columns.ToDictionary(column => column),
            duplicate_strategy = _terms.Strategy,
            mode = _terms.Mode,
            match_on = _terms.MatchOn,
            add_tags = _terms.AddTags,
            tag_delimiter = $"{ImportRows.TagDelimiter}",
            dry_run = _isDry,
        });
        return job.GetProperty("id").GetGuid();
    }

    public override Progress Read(JsonElement job) => new(
        job.GetProperty("status").GetString()!, Count(job, "total_rows"), Count(job, "processed_rows"),
        [Count(job, "created_count"), Count(job, "updated_count"), Count(job, "skipped_count"), Count(job, "failed_count")]);

    public override async Task<IReadOnlyList<string>> DifferencesAsync(Caller caller, JsonElement job)
    {
        var skipped = _outcome.Unchanged + _outcome.Skipped;
        var expected = new Progress("completed", Rows, Rows, [_outcome.Created, _outcome.Updated, skipped, _outcome.Errors.Count]);
        var errors = await caller.AllAsync("imports-errors", new { id = job.GetProperty("id").GetGuid() });
        var found = errors.Select(
            error => $"{error.GetProperty("row_number")} {error.GetProperty("code")} {Text(error.GetProperty("field"))}").ToList();
        List<string> differences = [.. Compare("errors", _outcome.Errors, found)];
        var receipt = await caller.FileAsync("imports-results-csv", new { id = job.GetProperty("id").GetGuid() });
        int[] counts = [_outcome.Created, _outcome.Updated, _outcome.Unchanged, _outcome.Skipped, _outcome.Errors.Count];
        differences.AddRange(Receipt.Differences(receipt, _columns, _rows, counts, _isDry).Take(4));
        if (Read(job).ToString() != expected.ToString())
        {
            differences.Add($"{Read(job)}, expected {expected}: {job.GetProperty("error_message")}");
        }
        return differences;
    }

    private async Task<Guid> UploadAsync(Caller caller)
    {
        var ticket = await caller.PostAsync(
            "imports-request-upload", new { model_type = "contacts", file_name = "people.csv", content_type = "text/csv" });
        var id = ticket.GetProperty("job_id").GetGuid();
        await caller.PutAsync(new Uri(ticket.GetProperty("signed_url").GetString()!), ImportRows.ToCsv(_columns, _rows));
        await caller.PostAsync("imports-complete-upload", new { id });
        return id;
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.Null ? "-" : value.GetString()!;
}
