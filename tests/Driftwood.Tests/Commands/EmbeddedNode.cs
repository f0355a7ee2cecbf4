namespace Driftwood.Tests.Commands;

/// <summary>Runs the demo on a new data directory, then a node on the same data. Most tests look at these two.</summary>
public sealed class EmbeddedNode : IAsyncLifetime
{
    private DriftwoodProcess? _node;

    internal NewDataDirectory Data { get; } = new();

    /// <summary>The end of the demo.</summary>
    internal Ended Demo { get; private set; } = null!;

    /// <summary>The token that the demo showed and kept.</summary>
    internal string Token { get; private set; } = null!;

    /// <summary>The address of the node that started after the demo.</summary>
    internal Uri Address { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Demo = await RunAsync("demo", "--once", "--urls", "http://127.0.0.1:0");
        Token = Data.ReadToken();
        _node = DriftwoodProcess.Start(Data.Path, ["--urls", "http://127.0.0.1:0"]);
        Address = await _node.ListensAsync();
    }

    internal HttpClient CreateClient(string token) => new HttpClient { BaseAddress = Address }.As(token);

    /// <summary>Runs a command on the same data directory.</summary>
    internal Task<Ended> RunAsync(params string[] arguments) => DriftwoodProcess.RunAsync(Data.Path, arguments);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null) await _node.DisposeAsync();
        await Data.DisposeAsync();
    }
}

[CollectionDefinition(nameof(EmbeddedNode))]
public sealed class EmbeddedNodeCollection : ICollectionFixture<EmbeddedNode>;
