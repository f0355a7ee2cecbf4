using System.Diagnostics;
using Driftwood.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Driftwood.Tests.Data;

public sealed class MigratorTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = TemporaryDatabase.Missing(server);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_processes_at_once_make_and_migrate_one_database()
    {
        var processes = Enumerable.Range(0, 8).Select(_ => StartMigrate()).ToList();
        var outputs = await Task.WhenAll(processes.Select(ReadAsync));
        Assert.All(outputs, output => Assert.True(output.ExitCode == 0, output.Text));
        Assert.Single(outputs, output => output.Text.Contains("Created the database", StringComparison.Ordinal));
        Assert.Single(outputs, output => output.Text.Contains("0001_initial", StringComparison.Ordinal));
        Assert.Equal(1L, await ScalarAsync("select count(*) from \"__EFMigrationsHistory\" where migration_id = '0001_initial'"));
    }

    [Fact]
    public async Task The_database_is_UTF8_whatever_its_cluster_is()
    {
        await MigrateAsync();
        Assert.Equal("UTF8", await ScalarAsync("select pg_encoding_to_char(encoding) from pg_database where datname = current_database()"));
    }

    [Fact]
    public async Task Migrating_again_changes_nothing_and_leaves_no_lock()
    {
        await MigrateAsync();
        await MigrateAsync();
        Assert.Equal(0L, await ScalarAsync(
            "select count(*) from pg_locks l join pg_database d on d.oid = l.database "
            + "where l.locktype = 'advisory' and d.datname = current_database()"));
    }

    [Fact]
    public async Task A_database_is_current_only_once_every_migration_is_applied()
    {
        await MigrateAsync();
        await using var db = NewDb();
        Assert.True(await Migrator.IsCurrentAsync(db, CancellationToken));
        await db.Database.ExecuteSqlAsync($"""delete from "__EFMigrationsHistory" """, CancellationToken);
        Assert.False(await Migrator.IsCurrentAsync(db, CancellationToken));
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_behind()
    {
        await using (var connection = await OpenAsync("postgres"))
        {
            await using var create = new NpgsqlCommand($"create database \"{_database.Name}\"", connection);
            await create.ExecuteNonQueryAsync(CancellationToken);
        }

        // This table blocks the last table of the first migration.
        await ScalarAsync("create table target_failures (id integer)");
        var failure = await Assert.ThrowsAsync<PostgresException>(MigrateAsync);
        Assert.Equal(PostgresErrorCodes.DuplicateTable, failure.SqlState);
        Assert.Equal(0L, await ScalarAsync("select count(*) from pg_tables where tablename = 'accounts'"));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private Task MigrateAsync() => Migrator.MigrateAsync(_database.ConnectionString, NullLogger.Instance, CancellationToken);

    private DriftwoodDb NewDb() =>
        new(new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(_database.ConnectionString).UseDriftwood().Options);

    private Process StartMigrate()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Program).Assembly.Location, "migrate"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["ConnectionStrings__Driftwood"] = _database.ConnectionString;
        return Process.Start(start)!;
    }

    private static async Task<(int ExitCode, string Text)> ReadAsync(Process process)
    {
        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(CancellationToken);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken);
            await process.WaitForExitAsync(CancellationToken);
            return (process.ExitCode, await output + await errors);
        }
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync(_database.Name);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(CancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(string database)
    {
        var settings = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Database = database, Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(CancellationToken);
        return connection;
    }
}
