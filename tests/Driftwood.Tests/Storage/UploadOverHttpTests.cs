using System.Net.Sockets;
using System.Text;
using Driftwood.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Driftwood.Tests.Storage;

/// <summary>Tests how a real server's request body behaves when its connection breaks. A scripted body can only imitate this.</summary>
public sealed class UploadOverHttpTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TaskCompletionSource<Exception?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _server;

    public UploadOverHttpTests()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(SaveAsync);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _server.StartAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_whole_body_is_stored()
    {
        using var connection = await SendAsync("Content-Length: 5\r\n\r\nwhole");

        Assert.Null(await _outcome.Task.WaitAsync(Cancellation));
        Assert.Equal(["job"], _directory.Files);
    }

    [Theory]
    [InlineData("Content-Length: 500\r\n\r\nhalf", false)]
    [InlineData("Content-Length: 500\r\n\r\nhalf", true)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", true)]
    public async Task A_connection_closed_or_reset_in_the_body_stores_nothing(string request, bool reset)
    {
        using (var connection = await SendAsync(request))
        {
            // With zero seconds of lingering, closing sends a reset instead of an end.
            if (reset)
                connection.LingerState = new LingerOption(true, 0);
        }

        var error = await _outcome.Task.WaitAsync(Cancellation);

        Assert.True(error is UploadTruncatedException or OperationCanceledException, $"{error}");
        Assert.Empty(_directory.Files);
    }

    private async Task<TcpClient> SendAsync(string lengthAndBody)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", new Uri(_server.Urls.Single()).Port, Cancellation);
        await connection.GetStream()
            .WriteAsync(Encoding.ASCII.GetBytes("PUT / HTTP/1.1\r\nHost: localhost\r\n" + lengthAndBody), Cancellation);
        return connection;
    }

    private async Task SaveAsync(HttpContext context)
    {
        var store = new DiskUploadStore(new DiskUploadStoreOptions { Directory = _directory.Path, ReservedBytes = 0 }, TimeProvider.System);
        var saved = store.SaveAsync("job", context.Request.Body, context.Request.ContentLength, 1_000, context.RequestAborted);
        _outcome.SetResult(await Record.ExceptionAsync(() => saved));
    }
}
