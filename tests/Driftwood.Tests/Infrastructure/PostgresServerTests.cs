using Npgsql;
using Xunit;

namespace Driftwood.Tests.Infrastructure;

/// <summary>Tests the fixture on its own server, so its template differs from the run's.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task Databases_are_copies_of_a_template_migrated_once()
    {
        await using var server = new PostgresServer();
        var migrations = 0;
        async Task Migrate(string connection)
        {
            migrations++;
            await ScalarAsync(connection, "create table marks (n int); insert into marks values (1)");
        }

        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => server.CreateDatabaseAsync(Migrate)));
        await ScalarAsync(databases[0], "insert into marks values (2)");

        Assert.Equal(1, migrations);
        Assert.Equal(4, databases.Distinct().Count());
        Assert.Equal(2L, await ScalarAsync(databases[0], "select count(*) from marks"));
        Assert.Equal(1L, await ScalarAsync(databases[1], "select count(*) from marks"));

        await server.DropDatabaseAsync(databases[0]);
        var gone = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(databases[0], "select 1"));
        Assert.Equal(PostgresErrorCodes.InvalidCatalogName, gone.SqlState);
    }

    [Fact]
    public async Task A_failed_migration_is_tried_again_by_the_next_caller()
    {
        await using var server = new PostgresServer();
        await Assert.ThrowsAsync<PostgresException>(
            () => server.CreateDatabaseAsync(c => ScalarAsync(c, "select * from missing")));

        var database = await server.CreateDatabaseAsync(c => ScalarAsync(c, "create table present (n int)"));

        Assert.Equal(0L, await ScalarAsync(database, "select count(*) from present"));
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
