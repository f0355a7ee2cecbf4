using Driftwood.Api.Platform.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The API on a database of its own; chunks are so small that a thousand rows are several, and uploads at most 4 MB.</summary>
public class ImportsApp(PostgresServer server) : IAsyncLifetime
{
    public const int MaxBytes = 4_000_000;

    private readonly TemporaryDatabase _database = new(server);
    private DriftwoodApp? _app;

    public string ConnectionString => _database.ConnectionString;

    /// <summary>The service's clock, which can be set ahead.</summary>
    internal AheadClock Clock { get; } = new();

    internal IServiceProvider Services => App.Services;

    private DriftwoodApp App => _app ?? throw new InvalidOperationException("The fixture has not been initialised.");

    private string UploadDirectory =>
        Path.Combine(Services.GetRequiredService<IOptions<DriftwoodOptions>>().Value.DataDirectory, "uploads");

    public async ValueTask InitializeAsync() => _app = await DriftwoodApp.StartAsync(
        _database.ConnectionString,
        [
            ("Driftwood:Jobs:ChunkRows", "250"),
            ("Driftwood:Jobs:LanesPerJob", "2"),
            ("Driftwood:Jobs:SweepSeconds", "1"),
            ("Driftwood:Uploads:MaxBytes", $"{MaxBytes}"),
            .. MoreSettings,
        ],
        services => services.AddSingleton<TimeProvider>(Clock));

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app is not null) await _app.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>Asks as an account that has nothing yet.</summary>
    public async Task<HttpClient> CreateClientAsync() => CreateClient(await CreateAccountAsync());

    internal Task<TestAccount> CreateAccountAsync(params string[] scopes) => App.CreateAccountAsync(scopes);

    internal HttpClient CreateClient(TestAccount account) => App.CreateClient(account.Token);

    /// <summary>Without a token.</summary>
    public HttpClient CreateStranger() => App.CreateClient();

    /// <summary>What the upload directory holds of an import.</summary>
    public string[] StoredFiles(Guid import) =>
        [.. Directory.EnumerateFiles(UploadDirectory, "*", SearchOption.AllDirectories)
            .Where(file => file.Contains(import.ToString(), StringComparison.Ordinal))];

    /// <summary>Asks the database what no route tells.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Of subclasses, over the settings here.</summary>
    private protected virtual IEnumerable<(string Key, string Value)> MoreSettings => [];
}

/// <summary>The system's clock, or one ahead of it.</summary>
internal sealed class AheadClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
