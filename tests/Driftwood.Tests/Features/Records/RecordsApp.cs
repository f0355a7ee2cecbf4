using Driftwood.Tests.Infrastructure;
using Npgsql;
using Xunit;

namespace Driftwood.Tests.Features.Records;

/// <summary>The API on a database of its own, with two accounts.</summary>
public sealed class RecordsApp : IAsyncLifetime
{
    private readonly TemporaryDatabase _database = new();
    private DriftwoodApp _app = null!;

    internal TestAccount Account { get; private set; } = null!;

    internal TestAccount OtherAccount { get; private set; } = null!;

    public string ConnectionString => _database.ConnectionString;

    public async ValueTask InitializeAsync()
    {
        _app = await DriftwoodApp.StartAsync(_database.ConnectionString);
        Account = await _app.CreateAccountAsync();
        OtherAccount = await _app.CreateAccountAsync();
    }

    /// <summary>Asks as the first account.</summary>
    public HttpClient CreateClient() => _app.CreateClient(Account.Token);

    public HttpClient CreateClientOfOther() => _app.CreateClient(OtherAccount.Token);

    /// <summary>Asks as an account that has no records yet.</summary>
    public async Task<HttpClient> CreateClientOfNewAsync() => _app.CreateClient((await _app.CreateAccountAsync()).Token);

    public HttpClient CreateStranger() => _app.CreateClient();

    internal async Task<TestAccount> CreateAccountAsync(params string[] scopes) => await _app.CreateAccountAsync(scopes);

    internal HttpClient CreateClient(TestAccount account) => _app.CreateClient(account.Token);

    /// <summary>A connection beside the API's, to hold locks with.</summary>
    public async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        await _database.DisposeAsync();
    }
}
