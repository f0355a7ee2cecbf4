using System.Diagnostics;
using System.Globalization;

namespace Driftwood.Benchmarks;

/// <summary>The result of a step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Script">The script's time from the first byte read to the commit.</param>
/// <param name="Driftwood">Driftwood's time from the first byte of the PUT to <c>completed</c>.</param>
/// <param name="PeakMegabytes">The peak memory of Driftwood's process since its start.</param>
/// <param name="LogMegabytes">The write-ahead log that the server wrote during Driftwood's import.</param>
/// <param name="HeapOnly">
/// The shares of updated contacts whose update wrote no index entry, by the script and by Driftwood. They are approximate, because
/// PostgreSQL counts with a delay.
/// </param>
/// <param name="Watch">The watch that polled <c>imports-get</c> meanwhile.</param>
/// <param name="Reads">The latencies of <c>contacts-get</c> meanwhile.</param>
internal sealed record StepResult(
    ImportStep Step, TimeSpan Script, TimeSpan Driftwood, double PeakMegabytes, double LogMegabytes,
    (double Script, double Driftwood) HeapOnly, ImportWatch Watch, Latencies Reads)
{
    public double Ratio => Script / Driftwood;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Step.Name,-10} script {Pace(Script)}   driftwood {Pace(Driftwood)}   ratio {Ratio:0.00}   peak {PeakMegabytes:0} MB   "
            + $"write-ahead log {LogMegabytes:0.0} MB   heap-only {HeapOnly.Script:P0}, {HeapOnly.Driftwood:P0}");

    /// <summary>The seconds, and the rows per second of the step's file.</summary>
    public string Pace(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds,7:0.00} s {Step.File.Rows / time.TotalSeconds,9:N0} rows/s");
}

/// <summary>
/// A server, a Driftwood process on it, and two accounts. Step by step each file goes into one account by the hand-written
/// script, then into the other through Driftwood's public API. Both must hold the same contacts.
/// </summary>
internal sealed class SideBySide : IAsyncDisposable
{
    private readonly Service _service;
    private readonly ApiClient _scriptApi;
    private readonly ApiClient _api;
    private readonly Account _driftwoodAccount;

    private readonly TimeSpan _pause;

    private SideBySide(BenchmarkDatabase database, Service service, Account scriptAccount, Account driftwoodAccount, int requests)
    {
        (Database, _service, ScriptAccount, _driftwoodAccount) = (database, service, scriptAccount, driftwoodAccount);
        _pause = TimeSpan.FromSeconds(1.0 / requests);
        _scriptApi = service.Client(scriptAccount.Token);
        _api = service.Client(driftwoodAccount.Token);
    }

    public BenchmarkDatabase Database { get; }

    public Account ScriptAccount { get; }

    /// <param name="lanes">The lanes of Driftwood's imports; 0 for its own choice.</param>
    /// <param name="requests">The most requests per second of each client. Requests cost some of the speed that they measure.</param>
    public static async Task<SideBySide> StartAsync(int lanes, int requests)
    {
        var database = await BenchmarkDatabase.StartAsync();
        var (script, driftwood) = (await database.CreateAccountAsync(), await database.CreateAccountAsync());
        return new SideBySide(database, await Service.StartAsync(database, lanes), script, driftwood, requests);
    }

    /// <summary>
    /// Runs a step on both sides. A client reads contacts from Driftwood's account. In the first step that account is still empty,
    /// so the client reads from the script's account.
    /// </summary>
    public async Task<StepResult> RunAsync(ImportStep step)
    {
        var path = Path.Combine(Database.Directory, step.Name + ".csv");
        await step.File.WriteAsync(path);
        var before = await Database.CountAsync("select count(*) from contacts where account_id = $1", _driftwoodAccount.Id);

        await Database.SettleAsync();
        var updates = await UpdatesAsync();
        var script = await HandWrittenScript.RunAsync(Database, path, step, ScriptAccount);

        var ids = await SomeContactsAsync(before == 0 ? ScriptAccount : _driftwoodAccount);
        var reader = before == 0 ? _scriptApi : _api;
        await ContactReads.WarmUpAsync(reader, ids[0]);
        var job = await ImportJob.RequestAsync(_api);
        await job.ReadAsync();
        await Database.SettleAsync();
        var scriptUpdates = await UpdatesAsync();
        var (written, moved) = (await LogBytesAsync(), await LastUpdateAsync());
        var watch = new ImportWatch(_pause);
        var clock = Stopwatch.StartNew();
        var import = ImportAsync(job, path, step, watch, clock);
        var reads = await ContactReads.DuringAsync(reader, ids, _pause, import);
        var driftwood = await import;
        written = await LogBytesAsync() - written;
        var heapOnly = (Share(updates, scriptUpdates), Share(scriptUpdates, await UpdatesAsync()));
        if (step.Expected is { Created: 0, Updated: 0 } && await LastUpdateAsync() != moved)
            throw new InvalidOperationException($"{step.Name}: an updated_at moved, although no contact changed.");

        File.Delete(path);
        await SameContacts.RequireAsync(Database, ScriptAccount, _driftwoodAccount, before + step.Expected.Created);
        var refused = await Database.CountAsync("select count(*) from hand_errors where account_id = $1", ScriptAccount.Id);
        if (refused != step.Expected.Failed)
        {
            throw new InvalidOperationException($"{step.Name}: the script refused {refused} rows and not {step.Expected.Failed}.");
        }
        return new StepResult(step, script, driftwood, _service.PeakMegabytes, written / 1e6, heapOnly, watch, reads);
    }

    // The contacts that were updated, and those of them whose update wrote no index entry.
    private async Task<(long All, long HeapOnly)> UpdatesAsync() => (
        await Database.CountAsync("select n_tup_upd from pg_stat_user_tables where relname = 'contacts'"),
        await Database.CountAsync("select n_tup_hot_upd from pg_stat_user_tables where relname = 'contacts'"));

    private static double Share((long All, long HeapOnly) before, (long All, long HeapOnly) after) =>
        after.All == before.All ? 0 : (after.HeapOnly - before.HeapOnly) / (double)(after.All - before.All);

    private Task<long> LogBytesAsync() => Database.CountAsync("select (pg_current_wal_insert_lsn() - '0/0')::bigint");

    // In microseconds since 1970; 0 if there are no contacts.
    private Task<long> LastUpdateAsync() => Database.CountAsync(
        "select coalesce(extract(epoch from max(updated_at)) * 1000000, 0)::bigint from contacts where account_id = $1",
        _driftwoodAccount.Id);

    public async ValueTask DisposeAsync()
    {
        _scriptApi.Dispose();
        _api.Dispose();
        await _service.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static async Task<TimeSpan> ImportAsync(ImportJob job, string path, ImportStep step, ImportWatch watch, Stopwatch clock)
    {
        await job.StartAsync(path, step.Strategy);
        var end = await watch.RunAsync(job);
        var time = clock.Elapsed;
        return end == new ImportState("completed", step.Expected) ? time
            : throw new InvalidOperationException($"{step.Name}: expected {step.Expected}, found {end}.");
    }

    private async Task<IReadOnlyList<Guid>> SomeContactsAsync(Account account)
    {
        await using var command = Database.Source.CreateCommand(
            "select id from contacts where account_id = $1 order by md5(id::text) limit 1000");
        command.Parameters.AddWithValue(account.Id);
        await using var reader = await command.ExecuteReaderAsync();
        List<Guid> ids = [];
        while (await reader.ReadAsync()) ids.Add(reader.GetGuid(0));
        return ids;
    }
}
