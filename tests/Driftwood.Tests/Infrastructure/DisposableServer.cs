using Driftwood.LocalPostgres;
using Npgsql;

namespace Driftwood.Tests.Infrastructure;

/// <summary>A local server on data of its own under the temporary directory, deleted with it.</summary>
internal sealed class DisposableServer : IAsyncDisposable
{
    private static readonly string Root = Path.Combine(Path.GetTempPath(), $"driftwood-tests-{Environment.UserName}");

    private readonly LocalPostgresOptions _options;
    private readonly LocalPostgresServer _server;

    private DisposableServer(LocalPostgresOptions options, LocalPostgresServer server) =>
        (_options, _server) = (options, server);

    /// <summary>Options for a new directory; a PostgreSQL brought by npm is kept beside it for the next run.</summary>
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

    /// <summary>Stops and removes what killed runs left; a server in use is left alone.</summary>
    private static async Task SweepAsync()
    {
        if (!Directory.Exists(Root)) return;
        // Younger ones may be about to be used by a run that started at the same moment.
        var old = new DirectoryInfo(Root).GetDirectories()
            .Where(d => d.Name != "npm" && d.CreationTimeUtc < DateTime.UtcNow.AddMinutes(-10));
        foreach (var directory in old)
            await LocalPostgresServer.DeleteAsync(NewOptions() with { DataDirectory = directory.FullName });
    }
}
