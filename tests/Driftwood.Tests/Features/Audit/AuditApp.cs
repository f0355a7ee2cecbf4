using Driftwood.Tests.Features.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Driftwood.Tests.Features.Audit;

/// <summary>The API with Zendesk's routes on, and a clock that moves only when a test moves it.</summary>
public sealed class AuditApp(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(server);

    internal DriftwoodApp App { get; private set; } = null!;

    internal ManualClock Clock { get; } = new();

    public async ValueTask InitializeAsync() =>
        App = await DriftwoodApp.StartAsync(
            _database.ConnectionString,
            [("Driftwood:Compat:Zendesk:Accounts", "*")],
            services => services.AddSingleton<TimeProvider>(Clock));

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _database.DisposeAsync();
    }
}
