using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A local server with its own data under the temporary directory. The data is deleted with the server.</summary>
internal sealed class DisposableServer : IAsyncDisposable
{
    private static readonly string Root = Path.Combine(Path.GetTempPath(), $"driftwood-tests-{Environment.UserName}");

    private readonly LocalPostgresOptions _options;
    private readonly LocalPostgresServer _server;

    private DisposableServer(LocalPostgresOptions options, LocalPostgresServer server) =>
        (_options, _server) = (options, server);

    /// <summary>Options for a new directory. A PostgreSQL from npm is kept beside the directory for the next run.</summary>
    public static LocalPostgresOptions NewOptions() => new()
    {
        DataDirectory = Path.Combine(Root, Guid.NewGuid().ToString("N")[..12]),
        PackageDirectory = Path.Combine(Root, "npm"),
        Profile = LocalPostgresProfile.Disposable,
    };

    public static async Task<DisposableServer> StartAsync()
    {
        await SweepAsync();
        var options = NewOptions();
        return new(options, await LocalPostgresServer.StartAsync(options));
    }

    public string ConnectionString() => _server.ConnectionString();

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _server.DisposeAsync();
        await LocalPostgresServer.DeleteAsync(_options);
    }

    /// <summary>Stops and removes the leftovers of killed runs. It leaves a server in use alone.</summary>
    private static async Task SweepAsync()
    {
        if (!Directory.Exists(Root)) return;
        // A run that started at the same moment may be about to use a younger directory.
        var old = new DirectoryInfo(Root).GetDirectories()
            .Where(d => d.Name != "npm" && d.CreationTimeUtc < DateTime.UtcNow.AddMinutes(-10));
        foreach (var directory in old)
            await LocalPostgresServer.DeleteAsync(NewOptions() with { DataDirectory = directory.FullName });
    }
}
