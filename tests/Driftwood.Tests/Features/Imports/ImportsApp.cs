using Driftwood.Api.Platform.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Driftwood.Tests.Features.Imports;

/// <summary>The API on its own database. Chunks are so small that a thousand rows make several. Uploads are at most 4 MB.</summary>
public class ImportsApp(PostgresServer server) : IAsyncLifetime
{
    public const int MaxBytes = 4_000_000;

    private readonly TemporaryDatabase _database = new(server);
    private DriftwoodApp? _app;

    public string ConnectionString => _database.ConnectionString;

    /// <summary>The service's clock. A test can set it ahead.</summary>
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

    /// <summary>Makes a client of a new, empty account.</summary>
    public async Task<HttpClient> CreateClientAsync() => CreateClient(await CreateAccountAsync());

    internal Task<TestAccount> CreateAccountAsync(params string[] scopes) => App.CreateAccountAsync(scopes);

    internal HttpClient CreateClient(TestAccount account) => App.CreateClient(account.Token);

    /// <summary>Makes a client without a token.</summary>
    public HttpClient CreateStranger() => App.CreateClient();

    /// <summary>The files in the upload directory.</summary>
    public string[] AllStoredFiles() => Directory.GetFiles(UploadDirectory, "*", SearchOption.AllDirectories);

    /// <summary>The files of an import in the upload directory.</summary>
    public string[] StoredFiles(Guid import) =>
        [.. AllStoredFiles().Where(file => file.Contains(import.ToString(), StringComparison.Ordinal))];

    /// <summary>Asks the database for data that no route returns.</summary>
    public async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Settings of subclasses. They override the settings here.</summary>
    private protected virtual IEnumerable<(string Key, string Value)> MoreSettings => [];
}

/// <summary>The system's clock, or a clock ahead of it.</summary>
internal sealed class AheadClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
}
