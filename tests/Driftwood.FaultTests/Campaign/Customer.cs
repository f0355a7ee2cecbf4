using System.Text.Json;

namespace Driftwood.FaultTests.Campaign;

/// <summary>
/// One account. Its jobs run one after the other, beside the jobs of other accounts, so an oracle can predict the result of
/// each. After each job the campaign compares its counters, its outcomes and the whole table.
/// </summary>
internal sealed class Customer(Stage stage, string name, Guid account, string token, Random random, bool isPlain = false)
{
    // Keeps the account so small that one job can change a good part of it.
    private const int MostContacts = 40_000;

    private readonly Caller _caller = new(token, stage.Apis, stage.Tally);
    private readonly People _people = new(random);
    private ContactBook _book = new([]);
    private ImportWork? _tried;
    private UndoWork? _undo; // of the last job
    private volatile TaskCompletionSource _job = new();

    /// <summary>Ends when the running job and all checks after it have ended.</summary>
    public Task CurrentJob => _job.Task;

    /// <summary>Runs jobs until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken noMore)
    {
        while (!noMore.IsCancellationRequested)
        {
            _job = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                if (!await RunJobAsync(Next())) return;
            }
            finally
            {
                _job.SetResult();
            }
        }
    }

    /// <summary>Returns false when the account cannot go on.</summary>
    private async Task<bool> RunJobAsync(Work work)
    {
        var job = $"{name}: {work.Name}";
        var before = _book;
        Guid id;
        var changes = 0;
        try
        {
            id = await work.StartAsync(_caller);
            job = $"{job} {id}";
            stage.UnderWay[id] = work.Rows;
            var ended = await new JobWatch(stage, _caller).FollowAsync(work, id);
            stage.UnderWay.TryRemove(id, out _);
            if (ended is null) return false;
            changes = Changes(work, ended.Value);
            foreach (var difference in await work.DifferencesAsync(_caller, ended.Value)) stage.Violations.Add("L", job, difference);
        }
        catch (InvalidOperationException refused)
        {
            stage.Violations.Add("L", job, refused.Message);
            return false;
        }

        await CompareTableAsync(work, job);
        stage.Tally.JobEnded(work);
        _tried = work is ImportWork { IsDry: true } dry ? dry : null;
        _undo = changes > 0 ? new UndoWork(id, work, changes, before, _book) : null;
        return true;
    }

    private async Task CompareTableAsync(Work work, string job)
    {
        var found = await stage.Observer.ReadContactsAsync(account);
        var known = work is UndoWork ? work.After : _book;
        foreach (var difference in work.After.Differences(found, known)) stage.Violations.Add("L", job, difference);
        var made = found.Count(contact => !_book.Has(contact.Id!.Value));
        if (made != work.Created) stage.Violations.Add("X", job, $"{made} contacts are new, {work.Created} were to be made");
        foreach (var flaw in await stage.Observer.FlawsAsync(account)) stage.Violations.Add("D", job, flaw);
        // The next job begins with the contacts that are stored now, including their ids.
        _book = new ContactBook(found);
    }

    // The rows or targets that changed a contact. The outcomes of an import are created, updated, skipped and failed; those of a bulk job
    // are changed, unchanged and failed.
    private static int Changes(Work work, JsonElement ended) => (work, work.Read(ended).Outcomes) switch
    {
        (ImportWork { IsDry: true }, _) => 0,
        (ImportWork, [var created, var updated, ..]) => (int)(created + updated),
        (_, [var changed, ..]) => (int)changed,
        _ => 0,
    };

    private Work Next()
    {
        if (isPlain) return ImportWork.MakePlain(random, _book, _people, random.Next(600, 1_800));
        if (_undo is { } undo && random.Next(4) == 0) return undo;
        if (_tried is { } dry && random.Next(4) > 0) return dry.InEarnest(_book);
        if (_book.Count > MostContacts) return BulkWork.Make(random, _book, _people, shrinks: true);
        return random.Next(10) switch
        {
            _ when _book.Count < 500 => ImportWork.Make(random, _book, _people, RowCount()),
            < 4 => ImportWork.Make(random, _book, _people, RowCount()),
            < 6 => BulkWork.Make(random, _book, _people, shrinks: false),
            _ => ItemWork.Make(random, _book, _people, random.Next(50, 2_000)),
        };
    }

    // The count is large enough for several lanes now and then.
    private int RowCount() => random.Next(10) switch
    {
        < 5 => random.Next(2_000, 8_000),
        < 8 => random.Next(8_000, 20_000),
        _ => random.Next(20_000, stage.Settings.MostRows),
    };
}
