using System.Diagnostics;

namespace Driftwood.Tests.Commands;

public sealed class SharedDirectoryTests : IAsyncDisposable
{
    private readonly NewDataDirectory _data = new();

    [Fact]
    public async Task Two_nodes_started_at_once_share_what_one_of_them_makes_and_the_last_to_go_stops_the_server()
    {
        await using var one = Start();
        await using var two = Start();
        var addresses = await Task.WhenAll(one.ListensAsync(), two.ListensAsync());
        foreach (var address in addresses)
        {
            using var client = new HttpClient { BaseAddress = address }.As(_data.ReadToken());
            Assert.Equal(
                "My account", (await client.PostAsync("me", new { })).Result.GetProperty("account").GetProperty("name").GetString());
            // One node signs, and the other takes the upload. Both have the same keys.
            var ticket = await client.PostAsync(
                "imports-request-upload", new { model_type = "contacts", file_name = "a.csv", content_type = "text/csv" });
            var other = new Uri(
                addresses.Single(a => a != address), new Uri(ticket.Result.GetProperty("signed_url").GetString()!).PathAndQuery);
            using var file = new StringContent("Email\nada@example.com\n", System.Text.Encoding.UTF8, "text/csv");
            file.Headers.ContentType!.CharSet = null;
            using var taken = await client.PutAsync(other, file, TestContext.Current.CancellationToken);
            Assert.True(taken.IsSuccessStatusCode, $"{taken.StatusCode}");
        }

        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGTERM");
        using var server = Process.GetProcessById(_data.ServerProcessId!.Value);
        await StopAsync(one);
        Assert.False(server.HasExited, "The server is still in use.");
        await StopAsync(two);
        Assert.Null(_data.ServerProcessId);
        // An ended process stays in the process list until its parent notices. The parent may be the machine's first process.
        await server.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    private DriftwoodProcess Start() => DriftwoodProcess.Start(_data.Path, ["serve", "--urls", "http://127.0.0.1:0"]);

    private static async Task StopAsync(DriftwoodProcess node)
    {
        var asked = Stopwatch.StartNew();
        await node.TerminateAsync();
        (await node.EndAsync()).Expect(0);
        Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }
}
