namespace Driftwood.Tests.Infrastructure;

/// <summary>Gives each test an API with the usual settings, on a database of its own.</summary>
public abstract class AppPerTest(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(server);
    private DriftwoodApp? _app;

    private protected DriftwoodApp App => _app ?? throw new InvalidOperationException("The test has not been initialised.");

    private protected string ConnectionString => _database.ConnectionString;

    public virtual async ValueTask InitializeAsync() => _app = await DriftwoodApp.StartAsync(_database.ConnectionString);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null) await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}
