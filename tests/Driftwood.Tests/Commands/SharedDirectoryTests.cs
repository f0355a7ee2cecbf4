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

        using var caller = new HttpClient { BaseAddress = addresses[0] }.As(_data.ReadToken());
        var job = await DeleteOneAsync(caller);

        Assert.SkipWhen(OperatingSystem.IsWindows(), "no SIGTERM");
        using var server = Process.GetProcessById(_data.ServerProcessId!.Value);
        var log = await StopAsync(one);
        Assert.False(server.HasExited, "The server is still in use.");
        log += await StopAsync(two);
        Assert.Null(_data.ServerProcessId);
        // An ended process stays in the process list until its parent notices. The parent may be the machine's first process.
        await server.WaitForExitAsync(TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Matches(
            $@"(?m)^\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z info: \S+ The bulk job {job} of account \S+ is completed after \d+\.\d s: "
                + "0 created, 0 updated, 1 deleted, 0 skipped, 0 failed", log);
    }

    public ValueTask DisposeAsync() => _data.DisposeAsync();

    private DriftwoodProcess Start() => DriftwoodProcess.Start(_data.Path, ["serve", "--urls", "http://127.0.0.1:0"]);

    private static async Task<Guid> DeleteOneAsync(HttpClient client)
    {
        var contact = (await client.PostAsync("contacts-create", new { email = "ada@example.com" })).Result.GetProperty("id").GetGuid();
        var job = (await client.PostAsync(
            "bulk-jobs-create", new { entity_type = "contacts", operation = "delete", entity_ids = new[] { contact } })).Result
            .GetProperty("id").GetGuid();
        await Eventually.GetAsync(
            async () => (await client.PostAsync("bulk-jobs-get", new { id = job })).Result.GetProperty("status").GetString(),
            status => status == "completed");
        return job;
    }

    /// <summary>Stops a node. Returns its log.</summary>
    private static async Task<string> StopAsync(DriftwoodProcess node)
    {
        var asked = Stopwatch.StartNew();
        await node.TerminateAsync();
        var ended = (await node.EndAsync()).Expect(0);
        Assert.InRange(asked.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        return ended.Output;
    }
}
