using Driftwood.Data;
using Driftwood.Engine.Postgres;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Driftwood.Tests.Data;

/// <summary>A session ends in the middle of a transaction. The code that uses the session does not notice at once.</summary>
public sealed class UnitOfWorkTests(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(server);
    private DriftwoodDb _db = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _db = new DriftwoodDb(new DbContextOptionsBuilder<DriftwoodDb>().UseNpgsql(_database.ConnectionString).UseDriftwood().Options);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _db.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_goes_on_in_another_session()
    {
        await using (var unit = await _db.BeginAsync(Cancellation))
        {
            await AddAccountAsync("before");
            await LoseConnectionAsync();

            Exception[] refused =
            [
                await Assert.ThrowsAnyAsync<Exception>(() => _db.Accounts.ToListAsync(Cancellation)),
                await Assert.ThrowsAnyAsync<Exception>(() => AddAccountAsync("after")),
            ];
            Assert.All(refused, exception => Assert.Equal(503, Api.Platform.Errors.Failures.From(exception).Status));
            var uncommitted = await Assert.ThrowsAnyAsync<Exception>(() => unit.CommitAsync(Cancellation));
            Assert.Equal(503, Api.Platform.Errors.Failures.From(uncommitted).Status);
        }

        Assert.Empty(await _db.Accounts.ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Once_it_has_ended_the_context_connects_again_by_itself()
    {
        await using (await _db.BeginAsync(Cancellation)) await LoseConnectionAsync();

        await AddAccountAsync("after");

        Assert.Equal("after", Assert.Single(await _db.Accounts.ToListAsync(Cancellation)).Name);
    }

    [Fact]
    public async Task What_Npgsql_says_of_a_lost_connection_is_known_as_such_and_passes()
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await LoseAsync(connection);

        await using var command = new NpgsqlCommand("select 1", connection);
        Exception[] told =
        [
            await Assert.ThrowsAnyAsync<Exception>(() => command.ExecuteScalarAsync(Cancellation)),
            await Assert.ThrowsAnyAsync<Exception>(
                () => connection.BeginBinaryImportAsync("copy accounts from stdin (format binary)", Cancellation)),
            await Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync(Cancellation)),
        ];

        Assert.All(
            told, exception => Assert.True(LostConnection.IsMeantBy(exception) && PostgresFaults.IsPassing(exception), $"{exception}"));
        Assert.False(LostConnection.IsMeantBy(new InvalidOperationException("Connection is not open")));
        Assert.False(LostConnection.IsMeantBy(new ObjectDisposedException("Stream")));
    }

    private Task<int> AddAccountAsync(string name) =>
        _db.Database.ExecuteSqlAsync($"insert into accounts (id, name) values ({Guid.CreateVersion7()}, {name})", Cancellation);

    private Task LoseConnectionAsync() => LoseAsync((NpgsqlConnection)_db.Database.GetDbConnection());

    private static async Task LoseAsync(NpgsqlConnection connection)
    {
        await using var end = new NpgsqlCommand("select pg_terminate_backend(pg_backend_pid())", connection);
        await Assert.ThrowsAsync<PostgresException>(() => end.ExecuteNonQueryAsync(Cancellation));
    }
}
