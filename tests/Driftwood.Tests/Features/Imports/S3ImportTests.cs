using System.Net;
using System.Text;
using Driftwood.Api.Work.Maintenance.Tasks;
using Driftwood.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Imports;

/// <summary>Imports whose files are in a bucket: callers send them there, and the nodes read them there.</summary>
public sealed class S3ImportTests(PostgresServer postgres, SharedS3Server shared) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(postgres);
    private readonly AheadClock _clock = new();
    private readonly string _prefix = $"app-{Guid.NewGuid():n}/";
    private CuttingProxy _proxy = null!;
    private DriftwoodApp _app = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var server = await shared.StartAsync();
        _proxy = new CuttingProxy(server.Port);
        _app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [
                ("Driftwood:Jobs:ChunkRows", "250"),
                ("Driftwood:Jobs:LanesPerJob", "2"),
                ("Driftwood:Jobs:SweepSeconds", "1"),
                ("Driftwood:Uploads:MaxBytes", "4000000"),
                .. server.Settings(_prefix),
                ("Driftwood:Uploads:S3:Endpoint", _proxy.Address.AbsoluteUri),
                ("Driftwood:Uploads:S3:PublicEndpoint", server.Endpoint.AbsoluteUri),
            ],
            services => services.AddSingleton<TimeProvider>(_clock));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        await _proxy.DisposeAsync();
    }

    [Fact]
    public async Task A_whole_import_over_connections_that_keep_breaking_gives_the_right_records()
    {
        using var client = await CreateClientAsync();
        var rows = Enumerable.Range(1, 5_000).Select(i => $"p{i}@example.com,Person {i}").ToArray();
        var file = Encoding.UTF8.GetBytes("email,first_name\n" + string.Join('\n', rows) + "\n");
        _proxy.CutAfter(60_000);

        var ticket = await client.RequestUploadAsync();
        Assert.Contains(_prefix, ticket.Url.AbsoluteUri, StringComparison.Ordinal);
        await SendAsync(ticket.Url, file);
        var preview = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result.GetProperty("preview");
        Assert.Equal(5_000, preview.GetProperty("total_rows").GetInt64());
        _ = (await client.ConfirmAsync(ticket.Id, "email,first_name")).Result;

        Assert.Equal("completed 5000: 5000/0/0/0", (await client.FinishAsync(ticket.Id)).Outcome());
        var records = await client.RecordsAsync();
        Assert.Equal(rows.Order(), records.Select(record => $"{record.Text("email")},{record.Text("first_name")}").Order());
        Assert.InRange(_proxy.Cuts, 2, int.MaxValue);
        // The receipt is kept in the bucket too.
        var receipt = await client.PostAsync("imports-results-csv", new { id = ticket.Id });
        Assert.Equal(5_001, receipt.Text.Count(character => character == '\n'));
        Assert.Equal(receipt.Text, (await client.PostAsync("imports-results-csv", new { id = ticket.Id })).Text);
    }

    [Fact]
    public async Task A_put_after_the_completion_changes_nothing()
    {
        using var client = await CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Expect(HttpStatusCode.Conflict, "invalid_state");
        await SendAsync(ticket.Url, "email\nfirst@example.com\n"u8.ToArray());
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;

        await SendAsync(ticket.Url, "email\nlate@example.com\n"u8.ToArray());
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        _ = (await client.ConfirmAsync(ticket.Id, "email")).Result;

        Assert.Equal("completed 1: 1/0/0/0", (await client.FinishAsync(ticket.Id)).Outcome());
        Assert.Equal(["first@example.com"], (await client.RecordsAsync()).Select(record => record.Text("email")));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_replaced_by_the_next()
    {
        using var client = await CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        await SendAsync(ticket.Url, []);
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            (await client.PostAsync("imports-complete-upload", new { id = ticket.Id }))
                .Expect(HttpStatusCode.UnprocessableEntity, "empty_file");
        }

        await SendAsync(ticket.Url, "email\na@example.com\n"u8.ToArray());
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;

        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task A_file_larger_than_it_may_be_is_refused_and_removed()
    {
        using var client = await CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        await SendAsync(ticket.Url, new byte[4_000_001]);

        (await client.PostAsync("imports-complete-upload", new { id = ticket.Id }))
            .Expect(HttpStatusCode.RequestEntityTooLarge, "upload_too_large");

        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task Files_of_expired_imports_go_and_those_that_are_waited_for_stay()
    {
        using var client = await CreateClientAsync();
        var waiting = await client.RequestUploadAsync();
        await SendAsync(waiting.Url, "email\na@example.com\n"u8.ToArray());
        var completed = await client.RequestUploadAsync();
        await SendAsync(completed.Url, "email\na@example.com\n"u8.ToArray());
        _ = (await client.PostAsync("imports-complete-upload", new { id = completed.Id })).Result;
        await SendAsync(completed.Url, "email\nlate@example.com\n"u8.ToArray());
        Assert.Equal(3, (await StoredAsync()).Count);

        _clock.Ahead = TimeSpan.FromHours(26);
        await CleanAsync<UnreferencedFiles>();
        var kept = await StoredAsync();
        Assert.Contains(UploadKeys.Incoming(waiting.Id), kept);
        Assert.DoesNotContain(UploadKeys.Incoming(completed.Id), kept);
        Assert.Equal(2, kept.Count);

        await CleanAsync<UploadExpiry>();
        Assert.Empty(await StoredAsync());
    }

    [Fact]
    public async Task A_bucket_that_is_away_makes_the_node_unready_and_completions_503()
    {
        using var client = await CreateClientAsync();
        var ticket = await client.RequestUploadAsync();
        await SendAsync(ticket.Url, "email\na@example.com\n"u8.ToArray());
        using var probe = _app.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).StatusCode);

        _proxy.CutAfter(0);
        var unready = await probe.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        Assert.Contains("bucket", await unready.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        (await client.PostAsync("imports-complete-upload", new { id = ticket.Id }))
            .Expect(HttpStatusCode.ServiceUnavailable, "storage_unavailable");

        _proxy.CutAfter(long.MaxValue);
        _ = (await client.PostAsync("imports-complete-upload", new { id = ticket.Id })).Result;
        Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync(new Uri("/readyz", UriKind.Relative), Cancellation)).StatusCode);
    }

    private async Task<HttpClient> CreateClientAsync() => _app.CreateClient((await _app.CreateAccountAsync()).Token);

    private static async Task SendAsync(Uri url, byte[] file)
    {
        using var client = new HttpClient();
        using var body = new ByteArrayContent(file);
        body.Headers.ContentType = new("text/csv");
        using var answer = await client.PutAsync(url, body, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private Task<long> CleanAsync<T>() where T : IMaintenanceTask => _app.Services.GetRequiredService<T>().RunAsync(Cancellation);

    private async Task<List<string>> StoredAsync()
    {
        var store = _app.Services.GetRequiredService<IUploadStore>();
        return await store.ListKeysAsync(TimeSpan.FromHours(-1), Cancellation).ToListAsync(Cancellation);
    }
}
