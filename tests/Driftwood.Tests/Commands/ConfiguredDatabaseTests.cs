namespace Driftwood.Tests.Commands;

public sealed class ConfiguredDatabaseTests(PostgresServer server) : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = TemporaryDatabase.Missing(server);
    private readonly NewDataDirectory _data = new();

    [Fact]
    public async Task A_configured_database_is_made_and_migrated_but_given_no_account()
    {
        await using var node = DriftwoodProcess.Start(
            _data.Path, ["--urls", "http://127.0.0.1:0"], ("ConnectionStrings__Driftwood", _database.ConnectionString));
        using var client = new HttpClient { BaseAddress = await node.ListensAsync() };
        var ready = await client.GetAsync(new Uri("/readyz", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(ready.IsSuccessStatusCode);
        await node.TerminateAsync();

        var ended = (await node.EndAsync()).Expect(0);
        Assert.Contains("Created the database", ended.Notes, StringComparison.Ordinal);
        Assert.Contains("No signing keys are configured", ended.Notes, StringComparison.Ordinal);
        Assert.False(File.Exists(_data.TokenFile));
        Assert.Null(_data.ServerProcessId);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await _data.DisposeAsync();
    }
}
