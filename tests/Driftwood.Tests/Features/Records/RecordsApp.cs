using Driftwood.Tests.Infrastructure;
using Xunit;

namespace Driftwood.Tests.Features.Records;

/// <summary>The API on the test class's own database, with two accounts.</summary>
public sealed class RecordsApp(PostgresServer server) : DatabasePerClass(server)
{
    private DriftwoodApp _app = null!;

    internal TestAccount Account { get; private set; } = null!;

    internal TestAccount OtherAccount { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _app = await DriftwoodApp.StartAsync(ConnectionString);
        Account = await _app.CreateAccountAsync();
        OtherAccount = await _app.CreateAccountAsync();
    }

    /// <summary>Makes a client of the first account.</summary>
    public HttpClient CreateClient() => _app.CreateClient(Account.Token);

    public HttpClient CreateClientOfOther() => _app.CreateClient(OtherAccount.Token);

    /// <summary>Makes a client of an account that has no records yet.</summary>
    public async Task<HttpClient> CreateClientOfNewAsync() => _app.CreateClient((await _app.CreateAccountAsync()).Token);

    public HttpClient CreateStranger() => _app.CreateClient();

    internal async Task<TestAccount> CreateAccountAsync(params string[] scopes) => await _app.CreateAccountAsync(scopes);

    internal HttpClient CreateClient(TestAccount account) => _app.CreateClient(account.Token);

    public override async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        await base.DisposeAsync();
    }
}
