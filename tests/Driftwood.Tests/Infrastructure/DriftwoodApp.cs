using Driftwood.Api.Platform.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Driftwood.Tests.Infrastructure;

/// <summary>The whole API as shipped, on a real Kestrel at a free port.</summary>
internal sealed class DriftwoodApp : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _factory;
    private readonly string _dataDirectory;
    private readonly DisposalMark _disposal;

    private DriftwoodApp(WebApplicationFactory<Program> factory, string dataDirectory, DisposalMark disposal) =>
        (_factory, _dataDirectory, _disposal) = (factory, dataDirectory, disposal);

    public IServiceProvider Services => _factory.Services;

    /// <param name="settings">Settings, such as <c>("Driftwood:Jobs:ChunkRows", "10")</c>.</param>
    /// <param name="services">Replaces services, such as the clock.</param>
    public static async Task<DriftwoodApp> StartAsync(
        string connectionString,
        IEnumerable<(string Key, string Value)>? settings = null,
        Action<IServiceCollection>? services = null)
    {
        var dataDirectory = Directory.CreateTempSubdirectory("driftwood-app-").FullName;
        var disposal = new DisposalMark();
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseUrls("http://127.0.0.1:0");
            host.UseSetting("ConnectionStrings:Driftwood", connectionString);
            host.UseSetting("Logging:LogLevel:Default", "Warning");
            host.UseSetting("Driftwood:DataDirectory", dataDirectory);
            host.UseSetting("Driftwood:Uploads:SigningKeys:0:Id", "test");
            host.UseSetting("Driftwood:Uploads:SigningKeys:0:Secret", "a secret of the tests, 32 characters long");
            foreach (var (key, value) in settings ?? [])
                host.UseSetting(key, value);
            // A machine that runs many tests at once may take longer than the service's own 15 seconds.
            host.ConfigureTestServices(all => all.PostConfigure<HostOptions>(stop => stop.ShutdownTimeout = TimeSpan.FromMinutes(1)));
            if (services is not null)
                host.ConfigureTestServices(services);
            // The host makes its hosted services in the order of their registration, and disposes of them in the reverse order.
            host.ConfigureTestServices(all => all.Insert(0, ServiceDescriptor.Singleton<IHostedService>(_ => disposal)));
        });
        factory.UseKestrel();
        // The start blocks until the database is migrated, and the tests have few threads.
        await Task.Run(factory.StartServer, TestContext.Current.CancellationToken);
        return new DriftwoodApp(factory, dataDirectory, disposal);
    }

    /// <param name="token">The bearer token; null for no Authorization header.</param>
    public HttpClient CreateClient(string? token = null) => _factory.CreateClient().As(token);

    /// <summary>Makes an account with one user and a token. It has all scopes unless <paramref name="scopes"/> names others.</summary>
    public Task<TestAccount> CreateAccountAsync(params string[] scopes) => TestAccount.CreateAsync(Services, scopes);

    public async ValueTask DisposeAsync()
    {
        await _factory.DisposeAsync();
        // The factory and the program both stop the host and dispose of it; the one that comes second does not wait for the first.
        await _disposal.Reached.WaitAsync(TimeSpan.FromMinutes(2));
        Directory.Delete(_dataDirectory, recursive: true);
    }

    /// <summary>Tells that the hosted services are disposed of, and what they made: the last figures of telemetry are sent.</summary>
    private sealed class DisposalMark : IHostedService, IDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose() => _reached.TrySetResult();
    }
}

/// <param name="Token">The bearer token's secret.</param>
internal sealed record TestAccount(Guid AccountId, Guid UserId, Guid TokenId, string Token)
{
    public static async Task<TestAccount> CreateAsync(IServiceProvider services, params string[] scopes)
    {
        await using var scope = services.CreateAsyncScope();
        var accounts = scope.ServiceProvider.GetRequiredService<AccountAdministration>();
        var cancellationToken = TestContext.Current.CancellationToken;
        var (account, user) = await accounts.CreateAccountAsync("Fjord", "Ingrid", "ingrid@fjord.example", cancellationToken);
        var (token, secret) = await accounts.CreateTokenAsync(
            account.Id, user.Id, "test", scopes.Length == 0 ? null : scopes, expiresAt: null, cancellationToken);
        return new TestAccount(account.Id, user.Id, token.Id, secret);
    }
}
