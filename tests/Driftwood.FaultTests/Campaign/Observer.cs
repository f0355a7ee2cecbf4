using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Driftwood.FaultTests.Campaign;

/// <summary>Looks at the database without the service. Retries while the database is away.</summary>
internal sealed class Observer(string connectionString)
{
    private const int MostTries = 300;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);

    public async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params (string Name, object Value)[] parameters)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await ReadOnceAsync(sql, read, parameters);
            }
            catch (Exception exception) when (tries < MostTries && exception is NpgsqlException or TimeoutException or IOException)
            {
                await Task.Delay(Retry);
            }
        }
    }

    public async Task<T> ReadOneAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params (string Name, object Value)[] parameters) =>
        (await ReadAsync(sql, read, parameters)).Single();

    /// <summary>The account that owns a token.</summary>
    public Task<Guid> AccountOfAsync(string token) => ReadOneAsync(
        "select account_id from tokens where secret_sha256 = @hash", reader => reader.GetGuid(0),
            ("hash", SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    /// <summary>Ends every other session of the database.</summary>
    public Task TerminateSessionsAsync() => ReadAsync(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
            reader => reader.GetInt64(0));

    /// <summary>The lanes that a process holds.</summary>
    public Task<List<HeldLane>> HeldByAsync(int processId) => ReadAsync(
        "select account_id, job_id, lane, fence, cursor from lanes where status = 'running' and owner like '%/' || @process and "
            + "leased_until > clock_timestamp()",
        reader => new HeldLane(reader.GetGuid(0), reader.GetGuid(1), reader.GetInt32(2), reader.GetInt64(3), reader.GetInt64(4)),
        ("process", $"{processId}"));

    /// <summary>Those of the lanes that another process has claimed since then.</summary>
    public async Task<List<HeldLane>> TakenOfAsync(IReadOnlyCollection<HeldLane> lanes)
    {
        List<HeldLane> taken = [];
        foreach (var held in lanes)
        {
            var fence = await ReadOneAsync(
                "select fence from lanes where account_id = @account and job_id = @job and lane = @lane", reader => reader.GetInt64(0),
                ("account", held.Account), ("job", held.Job), ("lane", held.Lane));
            if (fence > held.Fence) taken.Add(held);
        }

        return taken;
    }

    /// <summary>The number of rows and targets that all jobs together have processed.</summary>
    public Task<long> ProcessedAsync() =>
        ReadOneAsync("select coalesce(sum(processed), 0)::bigint from lanes", reader => reader.GetInt64(0));

    private async Task<List<T>> ReadOnceAsync<T>(string sql, Func<NpgsqlDataReader, T> read, (string Name, object Value)[] parameters)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> rows = [];
        while (await reader.ReadAsync()) rows.Add(read(reader));
        return rows;
    }
}

/// <summary>A lane as its holder left it.</summary>
internal sealed record HeldLane(Guid Account, Guid Job, int Lane, long Fence, long Cursor);
