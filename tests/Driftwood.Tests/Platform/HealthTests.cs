using System.Net;
using Npgsql;

namespace Driftwood.Tests.Platform;

public sealed class HealthTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = TemporaryDatabase.Missing(server);

    // Port 1 is reserved and nothing listens there.
    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=x;Username=x";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_started_node_is_alive_and_ready()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(app, "/healthz"));
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(app, "/readyz"));
    }

    [Fact]
    public async Task A_node_whose_database_is_not_migrated_is_alive_but_not_ready()
    {
        await ExecuteAsync($"create database \"{_database.Name}\"");
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString, [("Driftwood:MigrateAtStart", "false")]);
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(app, "/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), await AskAsync(app, "/readyz"));
    }

    [Fact]
    public async Task When_the_database_goes_requests_are_503_and_when_it_is_back_they_work()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        var client = app.CreateClient((await app.CreateAccountAsync()).Token);
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("me", "{}")).Status);

        await ExecuteAsync($"alter database \"{_database.Name}\" rename to \"{_database.Name}_away\"");
        var answer = (await client.PostAsync("me", "{}")).Expect(HttpStatusCode.ServiceUnavailable, "database_unavailable");
        Assert.Equal("5", answer.Header("Retry-After"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), await AskAsync(app, "/readyz"));
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(app, "/healthz"));

        await ExecuteAsync($"alter database \"{_database.Name}_away\" rename to \"{_database.Name}\"");
        Assert.Equal(HttpStatusCode.OK, (await client.PostAsync("me", "{}")).Status);
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(app, "/readyz"));
    }

    [Fact]
    public async Task An_API_node_that_cannot_reach_its_server_at_all_is_alive_but_not_ready()
    {
        await using var app = await DriftwoodApp.StartAsync(
            Nowhere, [("Driftwood:MigrateAtStart", "false"), ("Driftwood:Role", "api")]);
        Assert.Equal((HttpStatusCode.OK, "alive"), await AskAsync(app, "/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not_ready"), await AskAsync(app, "/readyz"));
        (await app.CreateClient("dw_anything").PostAsync("me", "{}")).Expect(HttpStatusCode.ServiceUnavailable, "database_unavailable");
    }

    [Fact]
    public async Task A_worker_answers_nothing_but_probes()
    {
        await using var app = await DriftwoodApp.StartAsync(_database.ConnectionString, [("Driftwood:Role", "worker")]);
        Assert.Equal((HttpStatusCode.OK, "ready"), await AskAsync(app, "/readyz"));
        (await app.CreateClient().PostAsync("me", "{}")).Expect(HttpStatusCode.NotFound, "not_found");
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<(HttpStatusCode, string?)> AskAsync(DriftwoodApp app, string path)
    {
        var answer = await app.CreateClient().AskAsync(new HttpRequestMessage(HttpMethod.Get, path));
        return (answer.Status, answer.Body.GetProperty("status").GetString());
    }

    private async Task ExecuteAsync(string sql)
    {
        var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Database = "postgres", Pooling = false };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(CancellationToken);
        await using var terminate = new NpgsqlCommand(
            $"select pg_terminate_backend(pid) from pg_stat_activity where datname like '{_database.Name}%'", connection);
        await terminate.ExecuteNonQueryAsync(CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(CancellationToken);
    }
}
