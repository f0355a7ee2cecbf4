using System.Net;
using Driftwood.Api.Platform.Errors;
using Driftwood.Api.Platform.Limits;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Driftwood.Tests.Platform;

public sealed class AccountLimitsTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = new(server);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_whose_requests_all_wait_leaves_connections_to_others_and_to_the_probe()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString + ";Maximum Pool Size=8", [("Driftwood:Jobs:Workers", "1")]);
        var greedy = await app.CreateAccountAsync();
        using var many = app.CreateClient(greedy.Token);
        using var quiet = app.CreateClient((await app.CreateAccountAsync()).Token);
        await using var held = await HoldAccountAsync(greedy.AccountId);
        var waiting = Enumerable.Range(0, 60).Select(_ => ChangeAsync(many)).ToList();
        // Two run, which is half of the node's four turns.
        await WaitingAsync(app, 58);

        for (var i = 0; i < 20; i++) _ = (await quiet.PostAsync("contacts-list", new { limit = 5 })).Result;
        using var probe = await app.CreateClient().GetAsync(new Uri("/readyz", UriKind.Relative), CancellationToken);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
        Assert.Contains(waiting, request => !request.IsCompleted);

        await held.DisposeAsync();
        var answers = await Task.WhenAll(waiting);
        Assert.All(answers, answer => Assert.True(
            answer.Status == HttpStatusCode.OK || answer.Code == "rate_limited", answer.Text));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Requests_beyond_the_rate_are_refused_to_their_account_and_class_only()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString, [("Driftwood:Limits:ReadsPerSecond", "5"), ("Driftwood:Limits:WritesPerSecond", "6")]);
        using var client = app.CreateClient((await app.CreateAccountAsync()).Token);
        using var other = app.CreateClient((await app.CreateAccountAsync()).Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => client.PostAsync("me", "{}")));

        Assert.InRange(answers.Count(answer => answer.Status == HttpStatusCode.OK), 5, 39);
        var refused = answers.Where(answer => answer.Status != HttpStatusCode.OK).ToList();
        Assert.All(refused, answer =>
        {
            answer.Expect(HttpStatusCode.TooManyRequests, "rate_limited");
            Assert.Equal(
                ("1", "5", "1"), (answer.Header("Retry-After"), answer.Header("RateLimit-Limit"), answer.Header("RateLimit-Reset")));
        });
        Assert.Contains(refused, answer => answer.Header("RateLimit-Remaining") == "0");
        Assert.Contains("5 requests a second", refused[0].Error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("4", (await other.PostAsync("me", "{}")).Header("RateLimit-Remaining"));
        var write = await client.PostAsync("contacts-create", new { email = "p@example.com" });
        Assert.Equal((HttpStatusCode.OK, "6", "5"), (write.Status, write.Header("RateLimit-Limit"), write.Header("RateLimit-Remaining")));
    }

    [Fact]
    public async Task Zero_lifts_the_limits_and_the_headers_are_gone()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [
                ("Driftwood:Limits:ReadsPerSecond", "0"), ("Driftwood:Limits:ConcurrentRequests", "0"),
                ("Driftwood:Limits:ConcurrentSearches", "0"), ("Driftwood:Limits:BusyRequests", "0"),
            ]);
        using var client = app.CreateClient((await app.CreateAccountAsync()).Token);
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.PostAsync("contacts-list", "{}")));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, null), (answer.Status, answer.Header("RateLimit-Limit"))));
    }

    [Fact]
    public async Task A_full_queue_is_said_at_once_and_the_waiting_ones_go_on()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [("Driftwood:Limits:ConcurrentRequests", "1"), ("Driftwood:Limits:QueuedRequests", "2")]);
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account.Token);
        List<Task<Answer>> requests;
        await using (await HoldAccountAsync(account.AccountId))
        {
            requests = [.. Enumerable.Range(0, 6).Select(_ => ChangeAsync(client))];
            for (var i = 0; i < 3; i++)
            {
                // Several may have been refused by now; each is looked at and taken out alone.
                var first = await Task.WhenAny(requests);
                requests.Remove(first);
                var refused = await first;
                refused.Expect(HttpStatusCode.TooManyRequests, "rate_limited");
                Assert.Contains("at most 1 of an account", refused.Error.GetProperty("message").GetString(), StringComparison.Ordinal);
            }
        }

        foreach (var answer in await Task.WhenAll(requests)) _ = answer.Result;
    }

    [Fact]
    public async Task A_request_that_waits_too_long_for_its_turn_is_refused_and_one_whose_caller_hangs_up_gives_its_place_away()
    {
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [
                ("Driftwood:Limits:ConcurrentRequests", "1"), ("Driftwood:Limits:QueuedRequests", "1"),
                ("Driftwood:Limits:QueueSeconds", "3"),
            ]);
        var account = await app.CreateAccountAsync();
        using var client = app.CreateClient(account.Token);
        using var hangsUp = app.CreateClient(account.Token);
        await using var held = await HoldAccountAsync(account.AccountId);
        var first = ChangeAsync(client);
        await WaitAtDatabaseAsync(1);
        var gone = hangsUp.PostAsync("me", "{}");
        await WaitingAsync(app, 1);
        hangsUp.CancelPendingRequests();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await WaitingAsync(app, 0);

        var waited = await client.PostAsync("me", "{}");
        waited.Expect(HttpStatusCode.TooManyRequests, "rate_limited");
        await held.DisposeAsync();
        _ = (await first).Result;
        _ = (await client.PostAsync("me", "{}")).Result;
    }

    [Fact]
    public async Task An_account_that_keeps_the_node_busy_has_fewer_turns_while_another_asks()
    {
        var clock = new HandClock();
        await using var app = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [("Driftwood:Limits:ConcurrentRequests", "4"), ("Driftwood:Limits:BusyRequests", "1")],
            services => services.AddSingleton<TimeProvider>(clock));
        var busy = await app.CreateAccountAsync();
        using var many = app.CreateClient(busy.Token);
        using var other = app.CreateClient((await app.CreateAccountAsync()).Token);
        // Four requests of two seconds are more than half of a request in the mean of ten seconds.
        await using (await HoldAccountAsync(busy.AccountId))
        {
            var first = Enumerable.Range(0, 4).Select(_ => ChangeAsync(many)).ToList();
            await WaitAtDatabaseAsync(4);
            clock.Pass(2);
            Assert.All(first, request => Assert.False(request.IsCompleted));
        }

        await Eventually.GetAsync(CountWaitingAsync, waiting => waiting == 0);
        await using var held = await HoldAccountAsync(busy.AccountId);
        // Nobody else asks, so the account has all its turns.
        var alone = Enumerable.Range(0, 3).Select(_ => ChangeAsync(many, "FR")).ToList();
        await WaitAtDatabaseAsync(3);
        await held.DisposeAsync();
        foreach (var answer in await Task.WhenAll(alone)) _ = answer.Result;

        _ = (await other.PostAsync("me", "{}")).Result;
        await using var heldAgain = await HoldAccountAsync(busy.AccountId);
        var shared = Enumerable.Range(0, 3).Select(_ => ChangeAsync(many, "US")).ToList();
        await WaitingAsync(app, 2);
        await WaitAtDatabaseAsync(1);
        _ = (await other.PostAsync("contacts-list", new { limit = 5 })).Result;
        await heldAgain.DisposeAsync();
        foreach (var answer in await Task.WhenAll(shared)) _ = answer.Result;
    }

    [Fact]
    public async Task An_exhausted_pool_has_a_code_of_its_own()
    {
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Database = "postgres", MaxPoolSize = 1, Timeout = 1 });
        await using var only = await database.OpenConnectionAsync(CancellationToken);
        var failure = await Assert.ThrowsAsync<NpgsqlException>(async () => await database.OpenConnectionAsync(CancellationToken));
        Assert.Equal((503, "overloaded"), (Failures.From(failure).Status, Failures.From(failure).Code.Name));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static Task<int> WaitingAsync(DriftwoodApp app, int requests)
    {
        var limits = app.Services.GetRequiredService<AccountLimits>();
        return Eventually.GetAsync(() => Task.FromResult(limits.Waiting), waiting => waiting == requests);
    }

    /// <summary>Waits until as many requests wait for the held account.</summary>
    private Task<long> WaitAtDatabaseAsync(int requests) => Eventually.GetAsync(CountWaitingAsync, waiting => waiting == requests);

    /// <summary>A request that waits while the account is held, unless the account has this country.</summary>
    private static Task<Answer> ChangeAsync(HttpClient client, string country = "DE") =>
        client.PostAsync("account-settings-update", new { phone_country = country });

    /// <summary>Keeps changes of the account waiting until it is disposed of.</summary>
    private async Task<NpgsqlConnection> HoldAccountAsync(Guid accountId)
    {
        var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(CancellationToken);
        await connection.BeginTransactionAsync(CancellationToken);
        await using var command = new NpgsqlCommand("select 1 from accounts where id = $1 for no key update", connection)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = accountId } },
        };
        await command.ExecuteNonQueryAsync(CancellationToken);
        return connection;
    }

    private async Task<long> CountWaitingAsync()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(CancellationToken);
        await using var command = new NpgsqlCommand(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'", connection);
        return (long)(await command.ExecuteScalarAsync(CancellationToken))!;
    }
}
