using Driftwood.Api.Platform.Hosting;
using Driftwood.Api.Platform.OpenApi;
using Driftwood.Api.Platform.Persistence;
using Driftwood.Data;
using Driftwood.Tests.Infrastructure;
using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Driftwood.Tests.Platform;

/// <summary>The platform with the tests' own routes, on a real Kestrel and a real database.</summary>
public sealed class ProbeApp(PostgresServer server) : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new(server);
    private WebApplication _app = null!;

    internal IServiceProvider Services => _app.Services;

    internal TestAccount Account { get; private set; } = null!;

    internal CollectedLogs Logs { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(Logs);
        builder.Services.AddDatabase(new DatabaseRoute(_database.ConnectionString), workers: 1);
        builder.Services.AddPlatform();
        builder.Services.AddOpenApi();
        builder.Services.AddSingleton<IValidator<Probes.Order>, Probes.OrderRules>();
        builder.Services.AddSingleton<Gate>();
        _app = builder.Build();
        _app.UsePlatform(new DriftwoodOptions());
        var api = _app.MapApi();
        Probes.Map(api);
        _app.MapOpenApi();
        await _app.StartAsync();
        Account = await TestAccount.CreateAsync(Services);
    }

    internal HttpClient CreateClient(string? token) =>
        new HttpClient { BaseAddress = new Uri(_app.Urls.First()) }.As(token);

    /// <summary>Makes a client of <see cref="Account"/>.</summary>
    internal HttpClient CreateClient() => CreateClient(Account.Token);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}

/// <summary>Lets a test stop a handler and release it later.</summary>
internal sealed class Gate
{
    public TaskCompletionSource Entered { get; set; } = new();
    public TaskCompletionSource Open { get; set; } = new();
}
