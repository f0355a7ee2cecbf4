using Driftwood.Api.Platform.Hosting;
using Driftwood.Tests.Commands;
using Driftwood.Tests.Features.BulkJobs;
using Driftwood.Tests.Features.Imports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Driftwood.Tests.Work;

/// <summary>Whole nodes behind a pooler in transaction mode.</summary>
public sealed class PooledNodeTests(PooledNodeTests.MigratedDatabase database) : IClassFixture<PooledNodeTests.MigratedDatabase>
{
    public static TheoryData<string, bool> Nodes => new()
    {
        { JobEngines.Hangfire, true },
        { JobEngines.Hangfire, false },
        { JobEngines.InProcess, true },
        { JobEngines.InProcess, false },
    };

    [Theory]
    [MemberData(nameof(Nodes))]
    public async Task A_node_behind_a_pooler_runs_jobs(string engine, bool hasDirect)
    {
        await using var bouncer = await PgBouncer.StartAsync(database.ConnectionString, "transaction", 6);
        List<(string, string)> settings = [("Driftwood:Jobs:Engine", engine), ("Driftwood:Jobs:SweepSeconds", "60")];
        if (hasDirect) settings.Add(("ConnectionStrings:DriftwoodDirect", database.ConnectionString));
        await using var node = await DriftwoodApp.StartAsync(bouncer.Through(database.ConnectionString), settings);
        using var client = node.CreateClient((await node.CreateAccountAsync()).Token);

        var import = await client.UploadedAsync("email\n" + string.Concat(Enumerable.Range(1, 3_000).Select(n => $"p{n}@example.com\n")));
        _ = (await client.ConfirmAsync(import, "email")).Result;
        Assert.Equal("completed 3000: 3000/0/0/0", (await client.FinishAsync(import)).Outcome());

        // The sweeper comes once a minute, so the workers learn of each job in another way.
        for (var n = 0; n < 5; n++)
        {
            var id = await client.ContactAsync(new { first_name = $"Ada {n}" });
            Assert.Equal("completed 1/1, 0 failed", (await client.RunJobAsync("tag", [id], new { add = new[] { "vip" } })).JobOutcome());
            Assert.Equal(["vip"], (await client.GetAsync(id)).Tags());
        }
    }

    [Fact]
    public async Task A_database_that_must_be_migrated_needs_a_direct_connection()
    {
        await using var empty = TemporaryDatabase.Missing(database.Server);
        await using var data = new NewDataDirectory();
        // PgBouncer does not make databases.
        await database.ExecuteAsync($"create database {empty.Name}");
        await using var bouncer = await PgBouncer.StartAsync(empty.ConnectionString, "transaction", 4);
        await using var node = DriftwoodProcess.Start(
            data.Path, ["--urls", "http://127.0.0.1:0"], ("ConnectionStrings__Driftwood", bouncer.Through(empty.ConnectionString)));

        var ended = (await node.EndAsync()).Expect(1);
        Assert.Contains("set ConnectionStrings:DriftwoodDirect", ended.Notes, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", ended.Notes + ended.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_started_without_its_database_ends_when_that_is_behind_a_pooler()
    {
        await using var later = TemporaryDatabase.Missing(database.Server);
        await using var bouncer = await PgBouncer.StartAsync(later.ConnectionString, "transaction", 4);
        await using var node = await DriftwoodApp.StartAsync(
            bouncer.Through(later.ConnectionString), [("Driftwood:MigrateAtStart", "false"), ("Driftwood:Role", "api")]);
        var stopping = node.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        Assert.False(stopping.IsCancellationRequested);

        await database.ExecuteAsync($"create database {later.Name}");
        await Eventually.GetAsync(() => Task.FromResult(stopping.IsCancellationRequested), ends => ends);
    }

    /// <summary>A database with the schema, and Hangfire's tables.</summary>
    public sealed class MigratedDatabase(PostgresServer server) : IAsyncDisposable
    {
        private readonly TemporaryDatabase _database = new(server);

        public string ConnectionString => _database.ConnectionString;

        public PostgresServer Server => server;

        public async Task ExecuteAsync(string sql)
        {
            await using var connection = new Npgsql.NpgsqlConnection(ConnectionString);
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = new Npgsql.NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync() => _database.DisposeAsync();
    }
}
