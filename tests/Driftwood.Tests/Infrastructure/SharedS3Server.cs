[assembly: AssemblyFixture(typeof(Driftwood.Tests.Infrastructure.SharedS3Server))]

namespace Driftwood.Tests.Infrastructure;

/// <summary>One S3 server for all tests of a run, started by the first that needs it. Each test class has a prefix of its own.</summary>
public sealed class SharedS3Server : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private S3Server? _server;

    internal async Task<S3Server> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CI") is null && !IsInstalled("npm")) Assert.Skip("Node.js is not installed.");
        await _starting.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return _server ??= await S3Server.StartAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _starting.Dispose();
    }

    private static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(directory => File.Exists(Path.Combine(directory, program)));
}
