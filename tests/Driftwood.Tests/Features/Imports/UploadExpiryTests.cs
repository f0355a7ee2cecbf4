using System.Net;
using System.Net.Sockets;
using System.Text;
using Driftwood.Api.Work.Maintenance.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Features.Imports;

public sealed class UploadExpiryTests(ImportsApp app) : IClassFixture<ImportsApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Uploads_never_completed_expire_and_their_files_go()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var empty = await client.RequestUploadAsync();
        var filled = await client.RequestUploadAsync();
        _ = (await ImportSteps.PutAsync(filled.Url, "email\na@example.com\n"u8.ToArray())).Result;
        var completed = await client.UploadedAsync("email\na@example.com\n");

        app.Clock.Ahead = TimeSpan.FromHours(23);
        await ExpireAsync();
        Assert.Equal(["uploaded", "pending", "pending"], await StatusesAsync(client));
        Assert.Single(app.StoredFiles(filled.Id));
        _ = (await client.PostAsync("imports-complete-upload", new { id = completed })).Result;

        app.Clock.Ahead = TimeSpan.FromHours(25);
        foreach (var ticket in new[] { empty, filled })
        {
            (await ImportSteps.PutAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray()))
                .Expect(HttpStatusCode.Forbidden, "signature_expired");
        }

        await ExpireAsync();
        Assert.Equal(["uploaded", "expired", "expired"], await StatusesAsync(client));
        Assert.Empty(app.StoredFiles(filled.Id));
        Assert.Single(app.StoredFiles(completed));
        (await client.PostAsync("imports-complete-upload", new { id = filled.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.ConfirmAsync(filled.Id, "email")).Expect(HttpStatusCode.Conflict, "invalid_state");
        Assert.Equal(2, (await client.AllAsync("imports-list", new { status = "expired" })).Length);

        _ = (await client.ConfirmAsync(completed, "email")).Result;
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(completed)).Outcome());
    }

    [Fact]
    public async Task Uploads_completed_and_never_confirmed_expire_a_day_after_that_and_their_files_go()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var forgotten = await client.UploadedAsync("email\na@example.com\n");
        var rehearsed = await client.UploadedAsync("email\na@example.com\n");
        _ = (await client.ConfirmAsync(rehearsed, "email", new { dry_run = true })).Result;
        await client.FinishAsync(rehearsed);

        app.Clock.Ahead = TimeSpan.FromHours(23);
        await ExpireAsync();
        Assert.Equal(["completed", "uploaded"], await StatusesAsync(client));
        Assert.Single(app.StoredFiles(forgotten));

        app.Clock.Ahead = TimeSpan.FromHours(25);
        Assert.Equal(1L, await ExpireAsync());
        Assert.Equal(["completed", "expired"], await StatusesAsync(client));
        Assert.Empty(app.StoredFiles(forgotten));
        (await client.ConfirmAsync(forgotten, "email")).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("imports-complete-upload", new { id = forgotten })).Expect(HttpStatusCode.Conflict, "invalid_state");
        (await client.PostAsync("imports-cancel", new { id = forgotten })).Expect(HttpStatusCode.Conflict, "invalid_state");

        // A dry run's file stays for the import.
        var import = (await client.ConfirmAsync(rehearsed, "email")).Result.Id();
        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(import)).Outcome());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_a_confirm_and_the_expiry_at_the_same_moment_the_first_wins(bool confirmIsFirst)
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var id = await client.UploadedAsync("email\na@example.com\n");
        app.Clock.Ahead = TimeSpan.FromHours(25);
        await using var connection = new NpgsqlConnection(app.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var holding = await connection.BeginTransactionAsync(Cancellation);
        await using (var hold = new NpgsqlCommand($"select 1 from jobs where id = '{id}' for update", connection, holding))
            await hold.ExecuteNonQueryAsync(Cancellation);

        // Both wait for the job's row, one behind the other.
        var (confirming, expiring) = (Task.FromResult<Answer>(null!), Task.FromResult(0L));
        if (confirmIsFirst) confirming = await WaitingAsync(client.ConfirmAsync(id, "email"), 1);
        expiring = await WaitingAsync(ExpireAsync(), confirmIsFirst ? 2 : 1);
        if (!confirmIsFirst) confirming = await WaitingAsync(client.ConfirmAsync(id, "email"), 2);
        await holding.RollbackAsync(Cancellation);

        Assert.Equal(confirmIsFirst ? 0 : 1, await expiring);
        if (confirmIsFirst)
        {
            _ = (await confirming).Result;
            Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(id)).Outcome());
        }
        else
        {
            (await confirming).Expect(HttpStatusCode.Conflict, "invalid_state");
            Assert.Equal(["expired"], await StatusesAsync(client));
        }
    }

    [Fact]
    public async Task A_body_that_is_still_on_its_way_when_its_upload_expires_is_not_kept()
    {
        app.Clock.Ahead = TimeSpan.Zero;
        using var client = await app.CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        using var connection = new TcpClient();
        await connection.ConnectAsync(ticket.Url.Host, ticket.Url.Port, Cancellation);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT {ticket.Url.PathAndQuery} HTTP/1.1\r\nHost: {ticket.Url.Authority}\r\nContent-Type: text/csv\r\nConnection: "
                + $"close\r\nContent-Length: 20\r\n\r\nemail\na@"), Cancellation);
        await Eventually.GetAsync(() => Task.FromResult(app.StoredFiles(ticket.Id)), files => files.Length == 1);

        app.Clock.Ahead = TimeSpan.FromHours(25);
        await ExpireAsync();
        await stream.WriteAsync("example.com\n"u8.ToArray(), Cancellation);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("HTTP/1.1 409", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);

        Assert.Equal(["expired"], await StatusesAsync(client));
        Assert.Empty(app.StoredFiles(ticket.Id));
    }

    private Task<long> ExpireAsync() => app.Services.GetRequiredService<UploadExpiry>().RunAsync(Cancellation);

    private async Task<Task<T>> WaitingAsync<T>(Task<T> asked, long waiting)
    {
        await Eventually.GetAsync(
            () => app.ScalarAsync(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"),
            count => count is long waiters && waiters == waiting);
        return asked;
    }

    private static async Task<string[]> StatusesAsync(HttpClient client) =>
        [.. (await client.AllAsync("imports-list", new { })).Select(import => import.Text("status")!)];
}
