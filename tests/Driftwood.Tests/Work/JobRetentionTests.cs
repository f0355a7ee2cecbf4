using System.Net;
using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Tests.Features.Imports;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Work;

public sealed class JobRetentionTests(JobRetentionTests.RetentionApp app) : IClassFixture<JobRetentionTests.RetentionApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ended_jobs_go_with_all_that_was_kept_of_them_and_records_stay()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var rehearsed = await client.UploadedAsync("email\na@example.com\nbroken\n");
        _ = (await client.ConfirmAsync(rehearsed, "email", new { dry_run = true })).Result;
        await client.FinishAsync(rehearsed);
        var imported = (await client.ConfirmAsync(rehearsed, "email")).Result.Id();
        Assert.Equal("completed 2: 1/0/0/1", (await client.FinishAsync(imported)).Outcome());
        var bulk = (
            await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { Guid.NewGuid() } })).Result.Id();
        await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = bulk })).Result.Text("status"), status =>
            status == "completed");
        var waiting = await client.UploadedAsync("email\nb@example.com\n");
        await Eventually.GetAsync(
            () => app.ScalarAsync("select count(*) from jobs where dry_run_state <> 'removed'"), count => count is 0L);

        Assert.Equal(0L, await RemoveAsync(after: TimeSpan.FromDays(89)));
        Assert.Equal(1L, await CountAsync(account, "target_failures"));

        // The file belongs to the dry run. The dry run is removed when no import reads the file any more.
        Assert.Equal(2L, await RemoveAsync(after: TimeSpan.FromDays(91)));
        Assert.Single(app.StoredFiles(rehearsed));
        Assert.Equal(1L, await RemoveAsync(after: TimeSpan.FromDays(91)));
        Assert.Equal(0L, await RemoveAsync(after: TimeSpan.FromDays(91)));

        Assert.Empty(app.StoredFiles(rehearsed));
        foreach (var (route, id) in new[] { ("imports-get", rehearsed), ("imports-get", imported), ("bulk-jobs-get", bulk) })
            (await client.PostAsync(route, new { id })).Expect(HttpStatusCode.NotFound, "not_found");
        foreach (
            var table in new[] { "row_errors", "target_failures", "bulk_target_runs", "lanes", "imports", "bulk_jobs", "uploads", "jobs" })
            Assert.Equal(table is "imports" or "uploads" or "jobs" ? 1L : 0L, await CountAsync(account, table));
        Assert.Equal(1L, await CountAsync(account, "contacts"));
        Assert.Single(app.StoredFiles(waiting));
        _ = (await client.ConfirmAsync(waiting, "email")).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(waiting)).Outcome());
    }

    [Fact]
    public async Task Files_that_no_upload_names_are_removed_after_a_day()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var kept = await client.UploadedAsync("email\na@example.com\n");
        var file = Assert.Single(app.StoredFiles(kept));
        var stray = Path.Combine(Path.GetDirectoryName(file)!, $"{Guid.NewGuid()}");
        await File.WriteAllTextAsync(stray, "email\n", Cancellation);

        Assert.Equal(0L, await CleanAsync());
        app.Clock.Ahead = TimeSpan.FromHours(26);
        Assert.Equal(1L, await CleanAsync());

        Assert.False(File.Exists(stray));
        Assert.Single(app.StoredFiles(kept));
    }

    [Fact]
    public async Task Files_of_imports_cancelled_before_they_were_confirmed_are_removed_after_a_day()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var cancelled = await client.UploadedAsync("email\na@example.com\n");
        _ = (await client.PostAsync("imports-cancel", new { id = cancelled })).Result;
        var rehearsed = await client.UploadedAsync("email\na@example.com\n");
        _ = (await client.ConfirmAsync(rehearsed, "email", new { dry_run = true })).Result;
        await client.FinishAsync(rehearsed);
        await app.ScalarAsync($"update jobs set status = 'cancelled' where id = '{rehearsed}'");

        Assert.Equal(0L, await CleanAsync());
        app.Clock.Ahead = TimeSpan.FromHours(26);
        Assert.Equal(1L, await CleanAsync());

        Assert.Empty(app.StoredFiles(cancelled));
        // After a dry run that was cancelled, the file can be imported.
        var import = (await client.ConfirmAsync(rehearsed, "email")).Result.Id();
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(import)).Outcome());

        // The other tests count what retention removes.
        await Eventually.GetAsync(
            () => app.ScalarAsync("select count(*) from jobs where dry_run_state <> 'removed'"), count => count is 0L);
        while (await RemoveAsync(after: TimeSpan.FromDays(91)) > 0)
        {
        }
    }

    [Fact]
    public async Task A_failed_job_that_is_resumed_in_that_moment_keeps_what_it_still_needs()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account);
        var job = (
            await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { Guid.NewGuid() } })).Result.Id();
        await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = job })).Result.Text("status"), status => status == "completed");
        await app.ScalarAsync($"update jobs set status = 'failed', error_message = 'Made to fail.' where id = '{job}'");

        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var resuming = await connection.BeginTransactionAsync(Cancellation);
        await using (
            var resume = new NpgsqlCommand(
            $"update jobs set status = 'processing', updated_at = now() + interval '91 days' where id = '{job}'", connection, resuming))
            await resume.ExecuteNonQueryAsync(Cancellation);
        var removing = RemoveAsync(after: TimeSpan.FromDays(91));
        await Eventually.GetAsync(
            () => app.ScalarAsync(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%from jobs%for no key update'"),
            count => count is 1L);
        await resuming.CommitAsync(Cancellation);

        await removing;
        Assert.Equal(1L, await CountAsync(account, "bulk_target_runs"));

        // A removal that stops in its middle leaves a job that nobody can resume. The next removal completes the work.
        await app.ScalarAsync($"update jobs set status = 'cancelled', updated_at = now() where id = '{job}'");
        await app.ScalarAsync($"delete from bulk_target_runs where job_id = '{job}'");
        (await client.PostAsync("bulk-jobs-resume", new { id = job })).Expect(HttpStatusCode.Conflict, "invalid_state");
        await RemoveAsync(after: TimeSpan.FromDays(91));
        (await client.PostAsync("bulk-jobs-get", new { id = job })).Expect(HttpStatusCode.NotFound, "not_found");
    }

    private async Task<long> RemoveAsync(TimeSpan after)
    {
        app.Clock.Ahead = after;
        return await app.Services.GetRequiredService<JobRetention>().RunAsync(Cancellation);
    }

    private Task<long> CleanAsync() => app.Services.GetRequiredService<UnreferencedFiles>().RunAsync(Cancellation);

    private Task<object?> CountAsync(TestAccount account, string table) =>
        app.ScalarAsync($"select count(*) from {table} where account_id = '{account.AccountId}'");

    public sealed class RetentionApp(PostgresServer server) : ImportsApp(server)
    {
        private protected override IEnumerable<(string Key, string Value)> MoreSettings => [("Driftwood:Jobs:RetentionDays", "90")];
    }
}
