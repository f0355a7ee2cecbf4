using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Tokens;

/// <summary>The API with a clock that moves only when a test moves it.</summary>
public sealed class TokensApp(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(server);

    internal DriftwoodApp App { get; private set; } = null!;

    internal ManualClock Clock { get; } = new();

    internal string ConnectionString => _database.ConnectionString;

    public async ValueTask InitializeAsync() =>
        App = await DriftwoodApp.StartAsync(
            _database.ConnectionString, services: services => services.AddSingleton<TimeProvider>(Clock));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _database.DisposeAsync();
    }
}

internal sealed class ManualClock : TimeProvider
{
    private DateTimeOffset _now = new(2025, 6, 15, 14, 30, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
