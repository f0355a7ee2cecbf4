using Npgsql;

namespace Driftwood.Tests.Work;

/// <summary>A database and an upload directory for any number of nodes with one job engine. Chunks have 1,000 rows.</summary>
internal sealed class EngineSite(PostgresServer server, string engine) : IAsyncDisposable
{
    public const int Lanes = 3;

    private readonly TemporaryDatabase _database = new(server);
    private readonly string _dataDirectory = Directory.CreateTempSubdirectory("driftwood-site-").FullName;
    private readonly List<DriftwoodApp> _nodes = [];

    public async Task<DriftwoodApp> StartNodeAsync(string role = "all", params (string Key, string Value)[] settings)
    {
        var node = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [
                ("Driftwood:DataDirectory", _dataDirectory),
                ("Driftwood:Role", role),
                ("Driftwood:Jobs:Engine", engine),
                ("Driftwood:Jobs:ChunkRows", "1000"),
                ("Driftwood:Jobs:LanesPerJob", $"{Lanes}"),
                ("Driftwood:Jobs:SweepSeconds", "1"),
                .. settings,
            ]);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Stops a node as a deployment does. The node finishes its current work.</summary>
    public async Task StopAsync(DriftwoodApp node)
    {
        _nodes.Remove(node);
        await node.DisposeAsync();
    }

    /// <summary>Asks the database for data that no route returns, or makes data that no route makes.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) await node.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_dataDirectory, recursive: true);
    }
}
